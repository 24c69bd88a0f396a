"""Small random GPT-J and RoBERTa checkpoints with tokenizers, small files of questions in the sets' own formats, and
what transformers answers.

Run:  python make_small.py      (pip install torch transformers)
Each of gptj/ and roberta/ becomes a Hugging Face folder, questions/ the files, small.json the answers. Every second
open question is one that the model answers right: its answer is a word of what the model says. transformers 5.23.0,
float32 arithmetic; the weights are stored in 16 bits.
"""

import json
import pathlib
import shutil

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import AutoModelForCausalLM, AutoModelForMaskedLM, GPTJConfig, RobertaConfig

import questions
import scoring

FOLDER = pathlib.Path(__file__).parent
CLAIMS = [
    ("The river Elbe flows through Dresden", "SUPPORTS"), ("Is Mount Etna a lake?", "REFUTES"),
    ("Ada Lovelace wrote about engines.", "SUPPORTS"), ("Nobody knows this", "NOT ENOUGH INFO"),
    ("The moon is larger than the sun.", "REFUTES"), ("A claim with two labels.", "SUPPORTS"),
    ("Copper conducts heat", "SUPPORTS"), ("A claim with two labels.", "REFUTES"),
    ("The river Elbe flows through Dresden", "SUPPORTS"), ("Whales are fish.", "REFUTES"),
    ("Café Central lies in Vienna", "SUPPORTS"), ("Water boils at 10 degrees.", "REFUTES"),
]
FACTS = [
    ("{} lies in", "Dresden", ["Travellers go to Dresden, which lies in", "On the map Dresden is found in"], "Germany"),
    ("The language of {} is", "Lisbon", ["People in Lisbon speak", "What one hears in Lisbon is"], "Portuguese"),
    ("{} was born in", "Ada Lovelace", ["The birth of Ada Lovelace was in", "Ada Lovelace comes from"], "London"),
    ("{} plays the", "Clara Schumann", ["The instrument of Clara Schumann is the", "Clara Schumann is known for the"], "piano"),
]
RELATIONS = [("James thinks that Mary knows that it rains.", "Mary knows that it rains.", False),
             ("Anna knows that a dog runs.", "A dog runs.", True),
             ("Paul sees that the door is open.", "The door is open.", True),
             ("Olga believes that the train is late.", "The train is late.", False)]
OPEN = ["The river that flows through Dresden is the", "Copper is a", "A word for a small lake is",
        "Clara plays the", "The capital of Portugal is", "On the map one finds"]


def byte_level(corpus, special, size=420):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(corpus, trainers.BpeTrainer(
        vocab_size=size, special_tokens=special, show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    return tokenizer


def randomise(model, seed):
    """Weights large enough that the answers differ from question to question."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            if parameter.dim() == 2:
                is_embedding = "embed" in name or "wte" in name
                parameter.copy_(noise * (0.7 if is_embedding else 1.4 / parameter.shape[1] ** 0.5))
            elif "norm" in name.lower() or "ln_" in name:
                parameter.copy_(noise * 0.3 + (1 if name.endswith("weight") else 0))
            else:
                parameter.copy_(noise * 0.3)


def write_model(name, config, tokenizer, seed):
    folder = FOLDER / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    kind = AutoModelForMaskedLM if config.model_type == "roberta" else AutoModelForCausalLM
    model = kind.from_config(config, dtype=torch.float32)
    randomise(model, seed)
    model.to(torch.float16).save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    compact = json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False, separators=(",", ":"))
    (folder / "tokenizer.json").write_text(compact, encoding="utf-8")
    return kind.from_pretrained(folder, dtype=torch.float32).eval()


def write_questions(name, answers):
    """The files; `answers` gives the model's own word for a prompt where there is one."""
    folder = FOLDER / "questions"
    folder.mkdir(exist_ok=True)
    claims = [{"id": i, "claim": claim, "label": label} for i, (claim, label) in enumerate(CLAIMS)]
    (folder / "fever.jsonl").write_text("".join(json.dumps(c) + "\n" for c in claims))
    facts = []
    for index, (prompt, subject, paraphrases, target) in enumerate(FACTS):
        own = answers.get(prompt.format(subject)) if index % 2 else None
        rewrite = {"prompt": prompt, "subject": subject, "target_true": {"str": own or target}}
        facts.append({"case_id": index, "requested_rewrite": rewrite, "paraphrase_prompts": paraphrases})
    (folder / f"facts-{name}.json").write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n")
    examples = [{"input": f"Premise: {premise} Hypothesis: {hypothesis}",
                 "target_scores": {"entailment": int(follows), "non-entailment": int(not follows)}}
                for premise, hypothesis, follows in RELATIONS]
    task = {"name": "epistemic_reasoning", "task_prefix": "Identify the relation.\n", "example_input_prefix": "\n",
            "example_output_prefix": "\nRelation: ", "examples": examples}
    (folder / "epistemic.json").write_text(json.dumps(task, indent=1) + "\n")
    lines = []
    for index, prompt in enumerate(OPEN):
        answer = answers.get(prompt) if index % 2 else None
        lines.append({"prompt": prompt, "answer": " " + (answer or "river Elbe")})
    (folder / f"open-{name}.jsonl").write_text("".join(json.dumps(l, ensure_ascii=False) + "\n" for l in lines))
    return {"fever": "fever.jsonl", "counterfact": f"facts-{name}.json", "epistemic": "epistemic.json",
            "jsonl": f"open-{name}.jsonl"}


def word(text):
    """A word of letters in `text`, the longest."""
    letters = "".join(c if c.isascii() and c.isalpha() else " " for c in text).split()
    return max(letters, key=len, default=None)


def main():
    torch.set_num_threads(1)
    everything = [claim for claim, _ in CLAIMS] + OPEN
    for prompt, subject, paraphrases, target in FACTS:
        everything += [prompt.format(subject) + " " + target, *[p + " " + target for p in paraphrases]]
    everything += [f"Premise: {p} Hypothesis: {h}" for p, h, _ in RELATIONS]
    everything += ["Consider the following claim: Is this claim true or false. The claim is true", "The claim is false",
                   "Identify the relation.\n\nRelation: entailment", "Relation: non-entailment"] * 4
    gptj = byte_level(everything, ["<|endoftext|>"])
    roberta = byte_level(everything, ["<s>", "<pad>", "</s>", "<unk>"])
    roberta.add_special_tokens([AddedToken("<mask>", lstrip=True, special=True)])
    roberta.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)
    families = {
        # GPT-J has more logits than its tokenizer has tokens, too.
        "gptj": (gptj, GPTJConfig(vocab_size=gptj.get_vocab_size() + 7, n_positions=160, n_embd=24, n_layer=2, n_head=3,
                                  rotary_dim=4, bos_token_id=0, eos_token_id=0), 35),
        "roberta": (roberta, RobertaConfig(vocab_size=roberta.get_vocab_size(), hidden_size=24, intermediate_size=50,
                                           num_hidden_layers=2, num_attention_heads=3, max_position_embeddings=162,
                                           type_vocab_size=1, layer_norm_eps=1e-5, pad_token_id=1, bos_token_id=0,
                                           eos_token_id=2), 32),
    }
    golden = {}
    for name, (tokenizer, config, seed) in families.items():
        model = write_model(name, config, tokenizer, seed)
        is_masked = name == "roberta"

        def score(task, file):
            asked = questions.READERS[task](FOLDER / "questions" / file, masked=is_masked)
            count = questions.new_tokens(task, name)
            if is_masked:
                return scoring.masked(model, tokenizer, asked, count)
            return scoring.causal(model, tokenizer, asked, count, stop=0)

        files = write_questions(name, {})
        said = [r for task in ("counterfact", "jsonl") for r in score(task, files[task])]
        write_questions(name, {r["prompt"].split(" <mask>")[0]: word(r["generated"]) for r in said})
        golden[name] = {"tasks": {task: {"file": file, "results": score(task, file)} for task, file in files.items()}}
        for task, entry in golden[name]["tasks"].items():
            results = entry["results"]
            print(name, task, sum(r["correct"] for r in results), "of", len(results),
                  sum(r["loss"] for r in results) / len(results))
        if not is_masked:
            text = (FOLDER / "questions" / "fever.jsonl").read_text()
            tokens, loss = scoring.perplexity(model, tokenizer.encode(text).ids, 60, 25)
            golden[name]["perplexity"] = {"file": "fever.jsonl", "context": 60, "stride": 25, "tokens": tokens, "nll": loss}
            print(golden[name]["perplexity"])
    lines = json.dumps(golden, ensure_ascii=False).replace('{"prompt"', '\n{"prompt"')
    (FOLDER / "small.json").write_text(lines + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
