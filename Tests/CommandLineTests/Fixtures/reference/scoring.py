"""Answers and losses in plain PyTorch and transformers: no padding, no cached prefixes, the whole vocabulary."""

import collections

import torch


def in_groups(sequences, size=16):
    """Indices of sequences of equal length, some at a time."""
    groups = collections.defaultdict(list)
    for index, sequence in enumerate(sequences):
        groups[len(sequence)].append(index)
    for members in groups.values():
        for start in range(0, len(members), size):
            yield members[start : start + size]


@torch.no_grad()
def log_probabilities(model, sequences, wanted):
    """For each sequence the summed log-probability of its wanted {position of the logits: token}."""
    sums = [0.0] * len(sequences)
    for members in in_groups(sequences):
        logits = model(torch.tensor([sequences[i] for i in members])).logits
        for row, i in zip(logits, members):
            places = sorted(wanted[i])
            scores = row[places].double().log_softmax(-1)
            sums[i] = sum(float(score[wanted[i][place]]) for place, score in zip(places, scores))
    return sums


@torch.no_grad()
def greedy(model, prompts, count, stop):
    """The most probable tokens one after the other, up to `count` or the token `stop`."""
    results = [None] * len(prompts)
    for members in in_groups(prompts):
        ids = torch.tensor([prompts[i] for i in members])
        cache, new = None, []
        for _ in range(count):
            out = model(ids, past_key_values=cache, use_cache=True)
            cache = out.past_key_values
            ids = out.logits[:, -1].argmax(-1, keepdim=True)
            new.append(ids)
        for i, row in zip(members, torch.cat(new, 1).tolist()):
            results[i] = row[: row.index(stop) + 1] if stop in row else row
    return results


def text_of(tokenizer, ids):
    known = [i for i in ids if tokenizer.id_to_token(i) is not None]
    return tokenizer.decode(known, skip_special_tokens=True)


def judge(questions, shown, scores, counts, generated):
    """One result a question: classification by strict comparison, generation by containment. `shown` is what it reads."""
    results = []
    for number, item in enumerate(questions):
        candidates = item["candidates"] or [item["answer"]]
        right = candidates.index(item["answer"])
        values = scores[number]
        result = {"prompt": shown[number], "loss": -values[right] / counts[number][right]}
        if item["candidates"]:
            result["predicted"] = candidates[max(range(len(values)), key=values.__getitem__)].strip()
            result["correct"] = all(values[right] > v for i, v in enumerate(values) if i != right)
        else:
            text = generated[number]
            result["generated"] = text
            result["correct"] = item["answer"].strip().lower() in text.strip().lower()
        results.append(result)
    return results


def causal(model, tokenizer, questions, count, stop):
    """A model that continues a text."""
    encode = lambda text: tokenizer.encode(text).ids
    sequences, wanted, owners = [], [], []
    for number, item in enumerate(questions):
        prompt = encode(item["prompt"])
        for answer in item["candidates"] or [item["answer"]]:
            whole = encode(item["prompt"] + answer)
            assert whole[: len(prompt)] == prompt and len(whole) > len(prompt), item
            sequences.append(whole)
            wanted.append({i - 1: whole[i] for i in range(len(prompt), len(whole))})
            owners.append(number)
    scores, counts = [[] for _ in questions], [[] for _ in questions]
    for owner, places, score in zip(owners, wanted, log_probabilities(model, sequences, wanted)):
        scores[owner].append(score)
        counts[owner].append(len(places))
    texts = [None] * len(questions)
    if not questions[0]["candidates"]:
        continuations = greedy(model, [encode(item["prompt"]) for item in questions], count, stop)
        texts = [text_of(tokenizer, ids) for ids in continuations]
    return judge(questions, [item["prompt"] for item in questions], scores, counts, texts)


@torch.no_grad()
def masked(model, tokenizer, questions, count):
    """A model that fills masks: as many as the answer has tokens are scored, `count` are filled, all at once."""
    mask = tokenizer.token_to_id("<mask>")
    sequences, wanted, owners = [], [], []
    texts, shown = [None] * len(questions), []
    for number, item in enumerate(questions):
        shown.append(item["prompt"] + " <mask>" * (1 if item["candidates"] else count) + item["ending"])
        for answer in item["candidates"] or [item["answer"]]:
            encoding = tokenizer.encode(item["prompt"] + answer + item["ending"])
            span = range(len(item["prompt"]), len(item["prompt"] + answer))
            places = [
                i for i, (start, end) in enumerate(encoding.offsets) if start < end and start in span and end - 1 in span
            ]
            ids = list(encoding.ids)
            wanted.append({i: ids[i] for i in places})
            for i in places:
                ids[i] = mask
            sequences.append(ids)
            owners.append(number)
        if not item["candidates"]:
            ids = tokenizer.encode(shown[number]).ids
            places = [i for i, token in enumerate(ids) if token == mask]
            assert len(places) == count, item
            filled = model(torch.tensor([ids])).logits[0, places].argmax(-1).tolist()
            texts[number] = text_of(tokenizer, filled)
    scores, counts = [[] for _ in questions], [[] for _ in questions]
    for owner, places, score in zip(owners, wanted, log_probabilities(model, sequences, wanted)):
        scores[owner].append(score)
        counts[owner].append(len(places))
    return judge(questions, shown, scores, counts, texts)


def perplexity(model, ids, context, stride):
    """Hugging Face's sliding window, every label counted once: how many tokens, and the mean of -log p."""
    total, tokens, seen = 0.0, 0, 0
    for start in range(0, len(ids), stride):
        end = min(start + context, len(ids))
        first = max(seen, start + 1)
        window = ids[start:end]
        total -= log_probabilities(model, [window], [{i - 1 - start: ids[i] for i in range(first, end)}])[0]
        tokens += end - first
        seen = end
        if end == len(ids):
            break
    return tokens, total / tokens
