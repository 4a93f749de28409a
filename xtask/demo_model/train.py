"""Trains the small language model of the demo on generated stories and measures what it learnt.

usage: train.py FOLDER [STEPS]

FOLDER gets language-model/ (Hugging Face layout), record.json (perplexities, versions, digests) and reference.npz
(hidden states as transformers computes them, for the parity test). One thread and one seed: the same bytes again on
one type of processor.
"""

import hashlib
import json
import math
import pathlib
import platform
import sys
import time

import numpy
import safetensors
import tokenizers
import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

import corpus

SEED = 1
VOCABULARY = 832
CONTEXT = 512
WINDOW = 192
BATCH = 8
TRAINING_STORIES = 12_000
HELD_OUT_STORIES = 400
CONFIGURATION = dict(
    vocab_size=VOCABULARY, hidden_size=64, intermediate_size=176, num_hidden_layers=8, num_attention_heads=4,
    num_key_value_heads=4, head_dim=16, hidden_act="silu", max_position_embeddings=CONTEXT, rms_norm_eps=1e-5,
    attention_bias=False, mlp_bias=False, tie_word_embeddings=True, bos_token_id=0, eos_token_id=0,
    initializer_range=0.02, use_cache=False,
)


def make_tokenizer(stories):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    letters = [chr(code) for code in range(33, 127)] + ["Ġ"]
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, special_tokens=[corpus.STORY], initial_alphabet=letters, show_progress=False)
    tokenizer.train_from_iterator(stories, trainer)
    start = tokenizer.token_to_id(corpus.STORY)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{corpus.STORY} $A", special_tokens=[(corpus.STORY, start)])
    return tokenizer


def encode(tokenizer, stories):
    encodings = tokenizer.encode_batch(list(stories))
    return torch.tensor([token for encoding in encodings for token in encoding.ids])


def new_model():
    torch.manual_seed(SEED)
    return transformers.LlamaForCausalLM(transformers.LlamaConfig(**CONFIGURATION))


def train(model, tokens, steps):
    generator = torch.Generator().manual_seed(SEED)
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3, betas=(0.9, 0.98), weight_decay=0.05)
    warm = min(100, steps // 10 + 1)
    rate = lambda step: min((step + 1) / warm, 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * step / steps)))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, rate)
    began = time.time()
    for step in range(steps):
        starts = torch.randint(len(tokens) - WINDOW, (BATCH,), generator=generator)
        batch = torch.stack([tokens[start:start + WINDOW] for start in starts])
        loss = model(input_ids=batch, labels=batch).loss
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        if step % 100 == 99:
            print(f"step {step + 1} of {steps}: loss {loss.item():.3f}, {time.time() - began:.0f} s", flush=True)


@torch.no_grad()
def perplexity(model, tokenizer, stories):
    """exp of the mean negative log likelihood per word; a word's tokens count together. Stories are read one by one."""
    total, words = 0.0, 0
    for story in stories:
        ids = torch.tensor([tokenizer.encode(story).ids[:CONTEXT]])
        loss = model(input_ids=ids, labels=ids).loss.item()
        total += loss * (ids.shape[1] - 1)
        words += len(tokenizer.decode(ids[0, 1:].tolist()).split())
    return math.exp(total / words)


@torch.no_grad()
def reference(model, tokenizer, story, path):
    ids = tokenizer.encode(" ".join(story.split()[:150])).ids
    states = model(input_ids=torch.tensor([ids]), output_hidden_states=True).hidden_states
    numpy.savez(path, input_ids=numpy.array(ids, dtype=numpy.int64),
                **{f"hidden_{layer}": state[0].numpy() for layer, state in enumerate(states)})


def heard(text):
    """The words of a text as they are heard: lower case, no marks but apostrophes."""
    letters = "".join(letter if letter.isalpha() or letter == "'" else " " for letter in text.lower())
    return " ".join(letters.split())


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main():
    folder = pathlib.Path(sys.argv[1])
    steps = int(sys.argv[2]) if len(sys.argv) > 2 else 2400
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    training = list(corpus.stories(SEED, TRAINING_STORIES, held_out=False))
    held_out = list(corpus.stories(SEED, HELD_OUT_STORIES, held_out=True))
    assert not set(training) & set(held_out)
    tokenizer = make_tokenizer(training)
    tokens = encode(tokenizer, training)
    print(f"{len(tokens)} tokens, {sum(len(story.split()) for story in training)} words", flush=True)
    model, untrained = new_model(), new_model()
    train(model, tokens, steps)
    model.eval(), untrained.eval()
    files = folder / "language-model"
    files.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(files)
    tokenizer.save(str(files / "tokenizer.json"), pretty=False)
    (files / "model.safetensors").chmod(0o644)
    (files / "generation_config.json").unlink(missing_ok=True)
    own = heard((folder / "story.txt").read_text())
    reference(model, tokenizer, own, folder / "reference.npz")
    here = pathlib.Path(__file__).parent
    record = {
        "parameters": sum(weight.numel() for weight in model.parameters()),
        "training": {"stories": len(training), "tokens": len(tokens), "steps": steps,
                     "tokens_per_step": BATCH * WINDOW, "seed": SEED},
        "perplexity_per_word": {
            "held_out_stories": {"trained": perplexity(model, tokenizer, held_out),
                                 "untrained": perplexity(untrained, tokenizer, held_out)},
            "story_of_the_demo": {"trained": perplexity(model, tokenizer, [own]),
                                  "untrained": perplexity(untrained, tokenizer, [own])},
        },
        "versions": {"python": platform.python_version(), "torch": torch.__version__,
                     "transformers": transformers.__version__, "tokenizers": tokenizers.__version__,
                     "safetensors": safetensors.__version__, "numpy": numpy.__version__},
        "sha256": {
            **{name: digest(here / name) for name in ("corpus.py", "train.py", "requirements.txt")},
            **{name: digest(folder / name) for name in (
                "story.txt", "reference.npz", "language-model/config.json", "language-model/model.safetensors",
                "language-model/tokenizer.json")},
        },
    }
    (folder / "record.json").write_text(json.dumps(record, indent=1) + "\n")
    print(json.dumps(record["perplexity_per_word"], indent=1))


main()
