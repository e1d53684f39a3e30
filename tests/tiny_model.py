"""A language model of some forty thousand random weights, made here, behind a real inference server: it babbles, honestly.

python tests/tiny_model.py FOLDER PORT     makes it in FOLDER, then `transformers serve` on 127.0.0.1:PORT
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ |= {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}  # before the hub's library is imported

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
from transformers.cli.transformers import main

# What it learns to spell: it babbles in pieces of these words, numbers of passages among them.
WORDS = (
    "Le plan Halles paie 35 % des travaux de la halle, dans la limite de 70 000 € [1]. Il ne finance pas les études [2]. "
    "Toute commune de moins de 4 000 habitants peut demander le plan [3]. L'aide est de 80 % et de 9 000 € [4]. "
)
TEMPLATE = "{% for message in messages %}{{ message['content'] }}\n{% endfor %}"


def make(folder: Path) -> None:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=400, special_tokens=["<s>", "</s>"], initial_alphabet=alphabet, show_progress=False, min_frequency=1
    )
    tokenizer.train_from_iterator([WORDS] * 4, trainer)
    spoken = PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="</s>")
    spoken.chat_template = TEMPLATE
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(spoken),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=8192,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=1,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    spoken.save_pretrained(folder)


if __name__ == "__main__":
    folder, port = sys.argv[1:]
    make(Path(folder))
    torch.set_num_threads(1)
    sys.argv = ["transformers", "serve", folder, "--device", "cpu", "--host", "127.0.0.1", "--port", port]
    main()
