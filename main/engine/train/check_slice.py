"""One joint training step of this engine beside PyTorch's, at Qwen3-4B's widths: loss and every adapter gradient.

    python check_slice.py DIR [--layers 2] [--tokens 128] [--wds "npm run --silent wds --"]

Run in the project's folder, with torch, transformers, peft and safetensors. Makes in DIR a model of a few layers (random
weights, bf16), a LoRA adapter of rank 16 with both matrices random, and one row of random tokens; lets
`wds train joint` make one step from them; and compares with transformers and peft on the same files.

The gradients are read from the checkpoint: after one step AdamW's first moment is (1 - beta1) g, and
maxGradNorm is so high that nothing is clipped. The tolerance is PyTorch's own: how far its bf16 step
(weights in bf16, as here) is from its f32 step, relative to the norm of each gradient. Ours may be at
most 1.5 times as far as the worst of those.
"""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
from pathlib import Path

import torch
from peft import PeftModel
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn.functional import cross_entropy
from transformers import AutoModelForCausalLM

SHAPE = {
    "hidden_size": 2560, "intermediate_size": 9728, "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 128,
    "vocab_size": 151936, "tie_word_embeddings": True, "rope_theta": 1000000.0, "rms_norm_eps": 1e-6, "model_type": "qwen3",
    "architectures": ["Qwen3ForCausalLM"], "max_position_embeddings": 4096, "attention_bias": False, "hidden_act": "silu",
}
TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
LAMBDA, RANK, ALPHA, FACTOR = 0.5, 16, 32, 1.5


def make_inputs(folder: Path, layers: int, tokens: int, wds: list[str]) -> None:
    shape, model = folder / "shape", folder / "model"
    shape.mkdir(parents=True, exist_ok=True)
    (shape / "config.json").write_text(json.dumps({**SHAPE, "num_hidden_layers": layers}))
    subprocess.run([*wds, "create", "--config", str(shape), "--tokenizer", "resources/demo/base", "--out", str(model)], check=True)
    torch.manual_seed(1)
    heads, keys, hidden, wide = 32 * 128, 8 * 128, SHAPE["hidden_size"], SHAPE["intermediate_size"]
    sizes = {"self_attn.q_proj": (heads, hidden), "self_attn.k_proj": (keys, hidden), "self_attn.v_proj": (keys, hidden), "self_attn.o_proj": (hidden, heads),
             "mlp.gate_proj": (wide, hidden), "mlp.up_proj": (wide, hidden), "mlp.down_proj": (hidden, wide)}
    tensors = {}
    for layer in range(layers):
        for name, (rows, columns) in sizes.items():
            place = f"base_model.model.model.layers.{layer}.{name}"
            tensors[f"{place}.lora_A.weight"] = torch.randn(RANK, columns) / columns**0.5
            tensors[f"{place}.lora_B.weight"] = torch.randn(rows, RANK) * 0.02
    adapter = folder / "adapter"
    adapter.mkdir(exist_ok=True)
    save_file(tensors, adapter / "adapter_model.safetensors", {"format": "pt"})
    settings = {"peft_type": "LORA", "task_type": "CAUSAL_LM", "r": RANK, "lora_alpha": ALPHA, "lora_dropout": 0.0, "bias": "none",
                "target_modules": TARGETS, "base_model_name_or_path": str(model)}
    (adapter / "adapter_config.json").write_text(json.dumps(settings))
    ids = torch.randint(0, 500, (tokens,)).tolist()
    row = {"ids": ids, "completionMask": [0] * (tokens // 4) + [1] * (tokens - tokens // 4)}
    (folder / "row.jsonl").write_text(json.dumps(row) + "\n")


def our_step(folder: Path, wds: list[str]) -> tuple[float, dict[str, Tensor]]:
    config = {
        "model": str(folder / "model"), "weak": str(folder / "model"), "data": {"file": str(folder / "row.jsonl")},
        "lora": {"rank": RANK, "alpha": ALPHA, "dropout": 0, "targets": "all-linear", "adapter": str(folder / "adapter")},
        "joint": {"steps": 1, "lambda": LAMBDA, "freezeWeak": True}, "precision": {"weights": "bf16", "compute": "bf16"},
        "batch": {"micro": 1, "accumulation": 1, "maxLength": 4096, "packing": False}, "optimizer": {"maxGradNorm": 1e9},
        "schedule": {"kind": "constant", "warmupSteps": 0},
    }
    (folder / "config.json").write_text(json.dumps(config))
    run = folder / "run"
    subprocess.run([*wds, "train", "joint", "--config", str(folder / "config.json"), "--out", str(run)], check=True)
    events = [json.loads(line) for line in (run / "events.jsonl").read_text().splitlines()]
    loss = next(event["loss"] for event in events if event["kind"] == "step")
    moments = load_file(next(run.glob("checkpoints/joint/step-1/optimizer.safetensors")))
    ending = "#first_moment"
    return loss, {name[len("strong/"):-len(ending)]: tensor / 0.1 for name, tensor in moments.items() if name.endswith(ending)}


def torch_step(folder: Path, dtype: torch.dtype) -> tuple[float, dict[str, Tensor]]:
    row = json.loads((folder / "row.jsonl").read_text())
    ids = torch.tensor([row["ids"]])
    labels = torch.where(torch.tensor(row["completionMask"]) == 1, ids[0], -100)[1:]
    base = AutoModelForCausalLM.from_pretrained(folder / "model", dtype=dtype)
    with torch.no_grad():
        weak = base(ids).logits.float()
    strong = PeftModel.from_pretrained(base, folder / "adapter", is_trainable=True)
    mixed = (1 - LAMBDA) * weak + LAMBDA * strong(ids).logits.float()
    loss = cross_entropy(mixed[0, :-1], labels, ignore_index=-100)
    loss.backward()
    short = lambda name: name.removeprefix("base_model.model.").replace(".default.weight", "")
    return loss.item(), {short(name): p.grad.float() for name, p in strong.named_parameters() if p.grad is not None}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--tokens", type=int, default=128)
    parser.add_argument("--wds", default="npm run --silent wds --")
    given = parser.parse_args()
    folder, wds = given.folder.resolve(), shlex.split(given.wds)
    make_inputs(folder, given.layers, given.tokens, wds)
    exact_loss, exact = torch_step(folder, torch.float32)
    peer_loss, peer = torch_step(folder, torch.bfloat16)
    our_loss, ours = our_step(folder, wds)
    assert ours.keys() == exact.keys(), sorted(ours.keys() ^ exact.keys())
    distance = lambda one: {name: ((one[name] - exact[name]).norm() / exact[name].norm()).item() for name in exact}
    our_distance, peer_distance = distance(ours), distance(peer)
    worst = lambda distances: max(distances.items(), key=lambda item: item[1])
    print(f"loss   torch f32 {exact_loss:.6f}   torch bf16 {peer_loss:.6f}   ours bf16 {our_loss:.6f}")
    for label, distances in (("torch bf16", peer_distance), ("ours bf16", our_distance)):
        values = sorted(distances.values())
        print(f"{label}: {len(values)} gradients, from torch f32 at most {worst(distances)[1]:.2%} ({worst(distances)[0]}), median {values[len(values) // 2]:.2%}")
    loss_limit = max(FACTOR * abs(peer_loss - exact_loss), 1e-3)
    good = worst(our_distance)[1] <= FACTOR * worst(peer_distance)[1] and abs(our_loss - exact_loss) <= loss_limit
    print("within the tolerance" if good else "NOT within the tolerance")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
