"""The paper's benchmarks: files in, questions out. Written from the paper (arXiv 2312.13558, App. E.1), not from the
Swift code that it checks. A question is (prompt, answer, candidates, ending); answers begin with their space.
"""

import collections
import json


def records(path):
    text = open(path, encoding="utf-8").read()
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return [json.loads(line) for line in text.splitlines() if line.strip()]


def question(prompt, answer, candidates=(), ending=""):
    return {"prompt": prompt, "answer": answer, "candidates": list(candidates), "ending": ending}


def fever(path, masked=False):
    """Claims with one label, true or false; each once."""
    names = {"SUPPORTS": " true", "REFUTES": " false"}
    labels = collections.OrderedDict()
    for record in records(path):
        if record["label"] in names:
            labels.setdefault(record["claim"], set()).add(names[record["label"]])
    result = []
    for claim, answers in labels.items():
        if len(answers) == 1:
            period = "" if claim.strip().endswith((".", "?")) else "."
            prompt = f"Consider the following claim: {claim}{period} Is this claim true or false. The claim is"
            result.append(question(prompt, answers.pop(), [" true", " false"]))
    return result


def truthfulqa(path, masked=False):
    """Every choice of the questions with all true answers is a statement."""
    result = []
    for record in records(path):
        for choice, label in record["mc2_targets"].items():
            period = "" if choice.endswith(".") else "."
            prompt = f"{record['question']} {choice}{period} Is this statement true or false. This statement is"
            result.append(question(prompt, " true" if label == 1 else " false", [" true", " false"]))
    return result


def epistemic(path, masked=False):
    task = json.load(open(path, encoding="utf-8"))
    result = []
    for record in task["examples"]:
        text = task["task_prefix"] + task["example_input_prefix"] + record["input"] + task["example_output_prefix"]
        answer = max(record["target_scores"], key=record["target_scores"].get)
        result.append(question(text.strip(), " " + answer, [" entailment", " non-entailment"]))
    return result


def counterfact(path, masked=False):
    """The prompt and both paraphrases of every record."""
    result = []
    for record in records(path):
        rewrite = record["requested_rewrite"]
        prompts = [rewrite["prompt"].format(rewrite["subject"]), *record["paraphrase_prompts"]]
        answer = " " + rewrite["target_true"]["str"].strip()
        result += [question(prompt, answer, ending="." if masked else "") for prompt in prompts]
    return result


def jsonl(path, masked=False):
    """A user's own questions."""
    return [question(record["prompt"], record["answer"], record.get("candidates", [])) for record in records(path)]


READERS = {"fever": fever, "truthfulqa": truthfulqa, "epistemic": epistemic, "counterfact": counterfact, "jsonl": jsonl}


def new_tokens(task, family):
    """How many tokens are generated, or masks filled, where the question is open."""
    if task == "counterfact":
        return 10 if family == "llama" else 1
    return 5 if family == "roberta" else 10
