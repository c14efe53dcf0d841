"""The pairs of quotation marks of all languages."""

PAIRS = tuple(
    tuple(pair) for pair in '"" “” ”” «» »« „“ „” ‚‘ ‘’ 「」 『』 《》 〈〉 【】 `` ‹›'.split()
)  # fmt: skip
