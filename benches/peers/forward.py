"""The same windows through transformers: seconds of one window through every layer, one line per repeat.

forward.py make SHAPE FOLDER    writes a random checkpoint of a published shape (llama, gpt2, bert)
forward.py time FOLDER TOKENS THREADS REPEATS
"""

import pathlib
import sys
import time

import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import AutoConfig, AutoModel

SHAPES = {
    "llama": (
        "llama",
        dict(hidden_size=768, intermediate_size=2048, num_hidden_layers=12, num_attention_heads=12, vocab_size=32000),
    ),
    "gpt2": ("gpt2", {}),
    "bert": ("bert", {}),
}


def make(shape, folder):
    family, keys = SHAPES[shape]
    torch.manual_seed(0)
    AutoModel.from_config(AutoConfig.for_model(family, **keys)).save_pretrained(folder)
    vocabulary = {"[UNK]": 0} | {word: number + 1 for number, word in enumerate(["so", "the", "and"])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(pathlib.Path(folder) / "tokenizer.json"))


def measure(folder, tokens, threads, repeats):
    torch.set_num_threads(threads)
    network = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    ids = torch.tensor([[5 + (index * 7919) % 20000 for index in range(tokens)]])
    for _ in range(repeats):
        start = time.perf_counter()
        with torch.no_grad():
            states = network(input_ids=ids, output_hidden_states=True, use_cache=False).hidden_states
        print(f"{time.perf_counter() - start:.4f} {states[-1][0, -1, 0].item():.6f}", flush=True)


if sys.argv[1] == "make":
    make(sys.argv[2], sys.argv[3])
else:
    measure(sys.argv[2], *(int(argument) for argument in sys.argv[3:6]))
