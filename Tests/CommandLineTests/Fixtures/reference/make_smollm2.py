"""What SmolLM2-135M-Instruct says to the first 100 questions of four benchmarks, and its perplexity on a text.

Run:  python make_smollm2.py MODEL.gguf DATA      (pip install torch transformers gguf)
DATA has the sets' original files. Writes smollm2.json: for each question the FNV-1a hash (64 bits) of the prompt's UTF-8
bytes, for the texts are not ours to ship, and the answer, whether it is right and the loss; for the perplexity the
number of tokens and the mean loss on the first bytes of wikitext-2's test split. transformers 5.23.0, float32, the
weights dequantised from the GGUF file, tokens by the `tokenizers` library from the vocabulary in the same file.
"""

import gzip
import json
import pathlib
import sys

import gguf
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import AutoModelForCausalLM

import questions
import scoring

FILES = {
    "fever": "fever/paper_dev.jsonl",
    "truthfulqa": "truthfulqa/mc_task.json",
    "epistemic": "bigbench/epistemic_reasoning/task.json",
    "counterfact": "counterfact/counterfact_500_full_schema.json",
}
LIMIT = 100
TEXT_BYTES, CONTEXT, STRIDE = 8_000, 1_024, 512


def fnv1a(text):
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


def read_tokenizer(path):
    """The tokenizer of a GGUF file and the token that ends a text."""
    fields = gguf.GGUFReader(path).fields
    tokens = fields["tokenizer.ggml.tokens"].contents()
    merges = [tuple(merge.split(" ")) for merge in fields["tokenizer.ggml.merges"].contents()]
    tokenizer = Tokenizer(models.BPE({token: index for index, token in enumerate(tokens)}, merges))
    digits = pre_tokenizers.Digits(individual_digits=True)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([digits, pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.decoder = decoders.ByteLevel()
    kinds = fields["tokenizer.ggml.token_type"].contents()
    tokenizer.add_special_tokens([token for token, kind in zip(tokens, kinds) if kind == 3])
    return tokenizer, fields["tokenizer.ggml.eos_token_id"].contents()


def load(path):
    """The model, its tokenizer and the token that ends a text."""
    path = pathlib.Path(path)
    tokenizer, stop = read_tokenizer(path)
    model = AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, dtype=torch.float32).eval()
    return model, tokenizer, stop


def main():
    model, tokenizer, stop = load(sys.argv[1])
    data = pathlib.Path(sys.argv[2])
    golden = {"tasks": {}}
    for task, file in FILES.items():
        asked = questions.READERS[task](data / file)[:LIMIT]
        results = scoring.causal(model, tokenizer, asked, questions.new_tokens(task, "llama"), stop)
        for result in results:
            result["prompt"] = fnv1a(result["prompt"])
            result["loss"] = round(result["loss"], 6)
        golden["tasks"][task] = {"file": file, "results": results}
        right = sum(result["correct"] for result in results)
        print(task, right, sum(result["loss"] for result in results) / len(results), flush=True)
    text = gzip.open(data / "wikitext-2/test.raw.gz").read()[:TEXT_BYTES].decode(errors="replace")
    tokens, loss = scoring.perplexity(model, tokenizer.encode(text).ids, CONTEXT, STRIDE)
    golden["perplexity"] = {
        "bytes": TEXT_BYTES, "context": CONTEXT, "stride": STRIDE, "tokens": tokens, "nll": round(loss, 6)}
    print(golden["perplexity"])
    lines = json.dumps(golden, ensure_ascii=False).replace('{"prompt"', '\n{"prompt"')
    (pathlib.Path(__file__).parent / "smollm2.json").write_text(lines + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
