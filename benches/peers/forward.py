"""The works of `cargo xtask bench models` through transformers and PyTorch.

forward.py make WORK FOLDER             writes a random checkpoint of the published shape of a work
forward.py time WORK FOLDER THREADS [DEVICE]
                                        one line of JSON: wall and processor seconds, peak memory, and a number of the
                                        last hidden state that gyrus computes too; all states end in the main memory
"""

import json
import pathlib
import resource
import sys
import time

import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import AutoConfig, AutoModel

LLAMA = dict(
    hidden_size=768, intermediate_size=2048, num_hidden_layers=12, num_attention_heads=12, vocab_size=32000
)
SHAPES = {
    "llama": ("llama", LLAMA),
    "gpt2": ("gpt2", {}),
    "bert": ("bert", {}),
    "exact": ("gpt2", {}),
    "strided": ("gpt2", {}),
}
WINDOW, STORY, HISTORY = 1024, 10_000, 512
# Words of the story that are read, one forward pass each; the time is scaled to the story.
SAMPLE = 40


def make(work, folder):
    family, keys = SHAPES[work]
    torch.manual_seed(0)
    AutoModel.from_config(AutoConfig.for_model(family, **keys)).save_pretrained(folder)
    vocabulary = {"[UNK]": 0} | {word: number + 1 for number, word in enumerate(["so", "the", "and"])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(pathlib.Path(folder) / "tokenizer.json"))


def ids(start, count):
    return [5 + (index * 7919) % 20000 for index in range(start, start + count)]


def window(network):
    tokens = torch.tensor([ids(0, WINDOW)], device=network.device)
    states = network(input_ids=tokens, output_hidden_states=True, use_cache=False).hidden_states
    return 1.0, [state.cpu() for state in states][-1][0, -1, 0].item()


def sentences(network):
    lists = [ids(100 * sentence, 20 + sentence * 13 % 41) for sentence in range(64)]
    longest = max(map(len, lists))
    padded = torch.tensor([tokens + [0] * (longest - len(tokens)) for tokens in lists])
    mask = torch.tensor([[1] * len(tokens) + [0] * (longest - len(tokens)) for tokens in lists])
    padded, mask = padded.to(network.device), mask.to(network.device)
    states = network(input_ids=padded, attention_mask=mask, output_hidden_states=True).hidden_states
    return 1.0, [state.cpu() for state in states][-1][63, len(lists[63]) - 1, 0].item()


def words(network):
    """As published pipelines do: one forward pass per word over its history, of which the last vector is kept."""
    for word in range(SAMPLE):
        tokens = torch.tensor([ids(100 * word, HISTORY)], device=network.device)
        states = network(input_ids=tokens, output_hidden_states=True, use_cache=False).hidden_states
        last = [state[0, -1].cpu() for state in states]
    return SAMPLE / STORY, last[-1][0].item()


def measure(work, folder, threads, device="cpu"):
    torch.set_num_threads(threads)
    network = AutoModel.from_pretrained(folder, dtype=torch.float32).eval().to(device)
    run = {"llama": window, "gpt2": window, "bert": sentences, "exact": words, "strided": words}[work]
    with torch.no_grad():
        warm = 32 if device == "cpu" else WINDOW if work in ("llama", "gpt2") else HISTORY
        for _ in range(3):
            network(input_ids=torch.tensor([ids(0, warm)], device=device))
        wall, processor = time.perf_counter(), time.process_time()
        share, check = run(network)
        wall, processor = (time.perf_counter() - wall) / share, (time.process_time() - processor) / share
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"wall": wall, "processor": processor, "peak": peak, "check": check}))


if sys.argv[1] == "make":
    make(sys.argv[2], sys.argv[3])
else:
    measure(sys.argv[2], sys.argv[3], int(sys.argv[4]), *sys.argv[5:])
