"""Configurations of the families that fill masks; as in shapes.py."""

from shapes import LONGEST, base, heads, plain


def bert(g):
    count, _, head = heads(g)
    return base(g) | dict(
        hidden_size=count * head, num_attention_heads=count, num_hidden_layers=g.choice([1, 2, 3]),
        intermediate_size=g.choice([40, 72]), max_position_embeddings=LONGEST,
        type_vocab_size=g.choice([1, 2]), hidden_act=g.choice(["gelu", "gelu_new", "relu"]),
        layer_norm_eps=g.choice([1e-12, 1e-3]))


def roberta(g):
    return bert(g) | dict(pad_token_id=1, max_position_embeddings=LONGEST + 2)


def distilbert(g):
    count, _, head = heads(g)
    return base(g) | dict(
        dim=count * head, n_heads=count, n_layers=g.choice([1, 2, 3]), hidden_dim=g.choice([40, 72]),
        max_position_embeddings=LONGEST, activation=g.choice(["gelu", "relu"]),
        sinusoidal_pos_embds=g.random() < 0.3)


def modernbert(g):
    count, _, head = heads(g)
    pattern = g.choice([1, 2, 3])
    return base(g) | dict(
        hidden_size=count * head, num_attention_heads=count, num_hidden_layers=g.choice([1, 3, 4]),
        intermediate_size=g.choice([40, 72]), max_position_embeddings=LONGEST,
        local_attention=g.choice([6, 20]), global_attn_every_n_layers=pattern, cls_token_id=1,
        sep_token_id=2, attention_bias=g.random() < 0.4, mlp_bias=g.random() < 0.4,
        norm_bias=g.random() < 0.4, classifier_bias=g.random() < 0.4, decoder_bias=g.random() < 0.6,
        hidden_activation=g.choice(["gelu", "gelu_new"]),
        rope_parameters={"full_attention": plain(g), "sliding_attention": plain(g)})
