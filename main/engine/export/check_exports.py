"""Checks exported models with the programs they are made for: llama.cpp, its package gguf, transformers, PEFT.

    python -m venv venv && . venv/bin/activate
    pip install torch transformers peft gguf
    pip install --no-binary llama-cpp-python llama-cpp-python      # builds llama.cpp, 10 minutes or more
    python main/engine/export/check_exports.py --work exports      # --without-llama: tokens and greedy are left out

Run from the root of the repository, after `npm run setup`. What `wds` writes lands in --work and is used again
by the next run. Prints a Markdown table; exit code 1 if anything differs that should not. For each model, 24 prompts
and each type of weights:
  gguf          the package reads the file; every key a Qwen3 needs is there; numbers equal the source's (F32) or
                are within the type's rounding
  tokens        llama.cpp's ids of the rendered conversation equal those of the model's own tokenizer
  greedy        llama.cpp's answer equals this engine's, token by token. The engine computes in f32 with the very
                same weights: for F16, BF16 an HF export in that type, for Q8_0 the file's numbers put into an HF
                folder. Twice: from the file, where llama.cpp also rounds the activations of its products to the
                weights' type, so that a close race may end otherwise (how close it was is printed); and with the
                same numbers as F32, where nothing may differ
  transformers  logits of the exported folder (hf, merged; PEFT on its base) against this engine's on the source
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import json
import os
import subprocess
import sys
from pathlib import Path

import gguf
import numpy as np
import torch
from peft import PeftModel
from safetensors import safe_open
from safetensors.numpy import load_file, save_file
from transformers import AutoModelForCausalLM, AutoTokenizer

try:
    import llama_cpp
except ImportError:  # It takes long to build; see --without-llama.
    llama_cpp = None

TYPES = ("f32", "f16", "bf16", "q8_0")
NEW_TOKENS = 48
FIXTURES = Path("main/fixtures")
MODELS = {
    "demo": Path("resources/demo/base"),
    "base": FIXTURES / "models/base",
    "strong": FIXTURES / "models/strong",
    "untied": FIXTURES / "models/untied",
    "sharded-bf16": FIXTURES / "models/strong-bf16-sharded",
    "adapter": FIXTURES / "adapter",
}
ADAPTER_BASE = FIXTURES / "models/strong"
REQUIRED = (
    ["general.architecture", "general.type", "general.name", "general.size_label", "general.file_type"]
    + ["general.quantization_version", "qwen3.block_count", "qwen3.context_length", "qwen3.embedding_length"]
    + ["qwen3.feed_forward_length", "qwen3.attention.head_count", "qwen3.attention.head_count_kv"]
    + ["qwen3.attention.key_length", "qwen3.attention.value_length", "qwen3.rope.freq_base"]
    + ["qwen3.attention.layer_norm_rms_epsilon", "tokenizer.ggml.model", "tokenizer.ggml.pre"]
    + ["tokenizer.ggml.tokens", "tokenizer.ggml.token_type", "tokenizer.ggml.merges", "tokenizer.chat_template"]
    + ["tokenizer.ggml.bos_token_id", "tokenizer.ggml.eos_token_id", "tokenizer.ggml.padding_token_id"]
    + ["tokenizer.ggml.add_bos_token"]
)
# Leads (in logits) that llama.cpp's rounding of activations may turn around.
CLOSE_RACE = {"f32": 0.0, "f16": 0.02, "bf16": 0.1, "q8_0": 0.5}
# Largest error of one number, relative to the number (f16, bf16) or to the largest of its block (q8_0).
ROUNDING = {"f32": 0.0, "f16": 2**-11, "bf16": 2**-8, "q8_0": 0.5 / 127 + 2**-11}

failures: list[str] = []


def fail(text: str) -> None:
    failures.append(text)
    print(f"FAILED {text}", file=sys.stderr, flush=True)


def wds(*arguments: object) -> str:
    command = ["npm", "run", "--silent", "wds", "--", *map(str, arguments)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        raise SystemExit(f"{' '.join(command)}\n{ended.stdout}{ended.stderr}")
    return ended.stdout


def export(work: Path, name: str, format: str, dtype: str | None) -> Path:
    ending = ".gguf" if format == "gguf" else ""
    out = work / f"{name}-{format}-{dtype or 'stored'}{ending}"
    if not out.exists():
        extra = ["--base", ADAPTER_BASE] if name == "adapter" else []
        if dtype is not None:
            extra += ["--dtype", dtype]
        wds("export", MODELS[name], "--format", format, "--out", out, *extra)
    return out


def whole_folder(work: Path, name: str, dtype: str | None) -> Path:
    """The model as one HF folder that transformers and the engine load."""
    return export(work, name, "merged" if name == "adapter" else "hf", dtype)


def read_weights(folder: Path) -> dict[str, np.ndarray]:
    weights: dict[str, np.ndarray] = {}
    for file in sorted(folder.glob("*.safetensors")):
        with safe_open(file, "pt") as opened:
            weights |= {key: opened.get_tensor(key).float().numpy() for key in opened.keys()}
    return weights


def hf_name(name: str) -> str:
    parts = {
        "attn_norm": "input_layernorm", "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj",
        "attn_v": "self_attn.v_proj", "attn_q_norm": "self_attn.q_norm", "attn_k_norm": "self_attn.k_norm",
        "attn_output": "self_attn.o_proj", "ffn_norm": "post_attention_layernorm", "ffn_gate": "mlp.gate_proj",
        "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj", "token_embd": "model.embed_tokens",
        "output_norm": "model.norm", "output": "lm_head",
    }  # fmt: skip
    stem = name.removesuffix(".weight")
    if not stem.startswith("blk."):
        return f"{parts[stem]}.weight"
    _, layer, part = stem.split(".")
    return f"model.layers.{layer}.{parts[part]}.weight"


def check_gguf(path: Path, source: dict[str, np.ndarray], dtype: str) -> dict[str, np.ndarray]:
    """Returns the file's numbers under their Hugging Face names."""
    reader = gguf.GGUFReader(path)
    missing = [key for key in REQUIRED if key not in reader.fields]
    if missing:
        fail(f"{path.name} lacks {', '.join(missing)}")
    numbers: dict[str, np.ndarray] = {}
    for tensor in reader.tensors:
        name = hf_name(tensor.name)
        shape = [int(size) for size in reversed(tensor.shape)]
        numbers[name] = gguf.quants.dequantize(tensor.data, tensor.tensor_type).reshape(shape).astype(np.float32)
        expected = source[name]
        if list(expected.shape) != shape:
            fail(f"{path.name} {tensor.name} has shape {shape}")
            continue
        error = np.abs(numbers[name] - expected)
        if dtype == "q8_0" and len(shape) == 2:
            scale = np.abs(expected).reshape(shape[0], -1, 32).max(axis=2).repeat(32, axis=1)
        else:
            scale = np.abs(expected)
        allowed = 0.0 if len(shape) == 1 else ROUNDING[dtype]
        floor = 0.0 if allowed == 0.0 else 2**-25
        if (error > scale * allowed + floor).any():
            fail(f"{path.name} {tensor.name} is off by up to {error.max()}")
    if set(numbers) != set(source):
        fail(f"{path.name} holds other tensors than its source")
    return numbers


def reference_folder(work: Path, name: str, dtype: str, numbers: dict[str, np.ndarray]) -> Path:
    """A folder whose weights are the GGUF file's, for the engine to compute with in f32."""
    if dtype != "q8_0":
        return whole_folder(work, name, dtype)
    folder = work / f"{name}-dequantised"
    if not folder.exists():
        source = whole_folder(work, name, "f32")
        folder.mkdir()
        for file in source.iterdir():
            if file.suffix != ".safetensors":
                (folder / file.name).write_bytes(file.read_bytes())
        save_file(numbers, folder / "model.safetensors", {"format": "pt"})
    return folder


def prompts_of(name: str) -> list[str]:
    if name == "demo":
        lines = Path("resources/demo/held-out.jsonl").read_text().splitlines()
        return [json.loads(line)["prompt"] for line in lines[:24]]
    lines = (FIXTURES / "data/train.jsonl").read_text().splitlines()
    asked = [json.loads(line)["messages"][0]["content"] for line in lines[:18]]
    odd = ["", "  two  spaces\n\n\tand a tab", "naïve Größe, 日本語 and 🚀!", "I'LL say 'tis 12345.678", "x" * 60]
    return [*asked, *odd, "<think> is not special"]


def engine_answers(work: Path, folder: Path, prompts: list[str]) -> list[list[int]]:
    cache = work / f"{folder.name}.answers.json"
    if not cache.exists():
        file = work / f"{folder.name}.prompts.json"
        file.write_text(json.dumps([{"prompt": prompt} for prompt in prompts]))
        cache.write_text(
            wds("generate", "--model", folder, "--prompts", file, "--max-new-tokens", NEW_TOKENS, "--json")
        )
    return [answer["ids"] for answer in json.loads(cache.read_text())]


@contextlib.contextmanager
def opened_llama(path: Path):
    # KV cache in f32, as the engine keeps it; llama.cpp's own default is f16.
    model = llama_cpp.Llama(
        str(path), n_ctx=512, n_threads=1, type_k=0, type_v=0, flash_attn=False, verbose=False
    )
    try:
        yield model
    finally:
        model.close()


def llama_answer(model: "llama_cpp.Llama", ids: list[int], stop: set[int]) -> tuple[list[int], list[float]]:
    """Greedy tokens, and by how much each led the second."""
    model.reset()
    model.eval(ids)
    answer: list[int] = []
    leads: list[float] = []
    size = model.n_vocab()
    for _ in range(NEW_TOKENS):
        pointer = llama_cpp.llama_get_logits_ith(model.ctx, -1)
        logits = np.ctypeslib.as_array(ctypes.cast(pointer, ctypes.POINTER(ctypes.c_float)), (size,)).copy()
        best, second = np.argsort(-logits, kind="stable")[:2]
        answer.append(int(best))
        leads.append(float(logits[best] - logits[second]))
        if int(best) in stop:
            break
        model.eval([int(best)])
    return answer, leads


def check_file(work: Path, name: str, dtype: str, with_llama: bool, row: dict[str, str]) -> None:
    source = read_weights(whole_folder(work, name, "f32"))
    path = export(work, name, "gguf", dtype)
    numbers = check_gguf(path, source, dtype)
    if not with_llama:
        row[dtype] = "read"
        return
    folder = reference_folder(work, name, dtype, numbers)
    row[dtype] = compare_answers(work, name, path, folder, CLOSE_RACE[dtype])
    if dtype != "f32":
        wide = work / f"{name}-{dtype}-as-f32.gguf"
        if not wide.exists():
            wds("export", folder, "--format", "gguf", "--dtype", "f32", "--out", wide)
        row[f"{dtype} as f32"] = compare_answers(work, name, wide, folder, 0.0)


def compare_answers(work: Path, name: str, path: Path, folder: Path, close_race: float) -> str:
    """How many answers are equal, and by what lead llama.cpp's other tokens won at most."""
    prompts = prompts_of(name)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    stop = set(json.loads((folder / "generation_config.json").read_text())["eos_token_id"])
    answers = engine_answers(work, folder, prompts)
    equal = tokens_equal = 0
    largest_lead = 0.0
    with opened_llama(path) as model:
        for prompt, answer in zip(prompts, answers, strict=True):
            text = tokenizer.apply_chat_template(
                [{"role": "user", "content": prompt}], add_generation_prompt=True, tokenize=False
            )
            ids = tokenizer(text, add_special_tokens=False)["input_ids"]
            tokens_equal += model.tokenize(text.encode(), add_bos=False, special=True) == ids
            theirs, leads = llama_answer(model, ids, stop)
            if theirs == answer:
                equal += 1
                continue
            place = next((i for i, (a, b) in enumerate(zip(theirs, answer, strict=False)) if a != b), 0)
            largest_lead = max(largest_lead, leads[place])
            if leads[place] > close_race:
                fail(f"{path.name} differs at token {place} of {prompt!r}, which leads by {leads[place]:.2g}")
    if tokens_equal != len(prompts):
        fail(f"{path.name}: {len(prompts) - tokens_equal} prompts have other tokens")
    split = "" if equal == len(prompts) else f", lead ≤ {largest_lead:.2g}"
    return f"{equal}/{len(prompts)}{split}"


def check_transformers(work: Path, name: str) -> tuple[float, float | None]:
    """Largest difference of any logit: the engine on the source, transformers on the export, PEFT on its base."""
    folder = whole_folder(work, name, None)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    ids = tokenizer("What is 9 + 9? Größe, 日本語: it's 12345.", add_special_tokens=False)["input_ids"]
    full = work / f"{name}.logits.safetensors"
    if not full.exists():
        source = MODELS[name]
        if name == "adapter":  # As a checkpoint of a run: an adapter that names its base.
            source = work / "adapter-with-base"
            source.mkdir(exist_ok=True)
            for file in MODELS[name].iterdir():
                (source / file.name).write_bytes(file.read_bytes())
            (source / "base.json").write_text(json.dumps({"base": os.path.relpath(ADAPTER_BASE.resolve(), source.resolve())}))
        wds("inspect", "--model", source, "--ids", json.dumps(ids), "--full", full)
    ours = torch.from_numpy(load_file(full)["strong"])
    with torch.no_grad():
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
        theirs = model(torch.tensor([ids])).logits[0]
        difference = float((theirs - ours).abs().max())
        if name != "adapter":
            return difference, None
        base = AutoModelForCausalLM.from_pretrained(ADAPTER_BASE, dtype=torch.float32)
        peft = PeftModel.from_pretrained(base, str(export(work, name, "peft", None)))
        return difference, float((peft(torch.tensor([ids])).logits[0] - ours).abs().max())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--models", nargs="*", default=list(MODELS), choices=list(MODELS))
    parser.add_argument("--without-llama", action="store_true", help="only what gguf, transformers and PEFT can tell")
    given = parser.parse_args()
    if llama_cpp is None and not given.without_llama:
        parser.error("llama-cpp-python is not installed; --without-llama checks the rest.")
    given.work.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    llama = "without llama.cpp" if given.without_llama else f"llama-cpp-python {llama_cpp.__version__}"
    print(f"{llama}, torch {torch.__version__}\n")
    files = ["F32", "F16", "F16 as F32", "BF16", "BF16 as F32", "Q8_0", "Q8_0 as F32"]
    columns = [*(each for each in files if not given.without_llama or " as " not in each), "transformers", "PEFT"]
    print(f"| Model | {' | '.join(columns)} |\n| :--- |{' ---: |' * len(columns)}")
    for name in given.models:
        row: dict[str, str] = {}
        for dtype in TYPES:
            check_file(given.work, name, dtype, not given.without_llama, row)
        difference, peft = check_transformers(given.work, name)
        if max(difference, peft or 0.0) > 1e-4:
            fail(f"{name}: logits differ by {difference} (transformers), {peft} (PEFT)")
        cells = [*row.values(), f"{difference:.1e}", "" if peft is None else f"{peft:.1e}"]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)
    if failures:
        print(f"\n{len(failures)} failures:\n- " + "\n- ".join(failures))
        raise SystemExit(1)


main()
