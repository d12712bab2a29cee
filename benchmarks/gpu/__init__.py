"""How fast does a model write on a GPU, with drafts and without? Random weights, real drafts.

What is to be expected, before anything is measured (one H200: about 4.3 TB/s and 750 TFLOP/s in
bf16, measured on such GPUs; 8 bit twice that on paper):

- A pass reads all weights once. 7.1e9 of them (7.6e9 without the embedding, of which rows are
  picked) take 14 GB in bf16: 3.3 ms, whatever the rows. 70B in 8 bit: 70 GB, 17 ms.
- Each row costs two operations per weight: 2,048 rows of 7B are 29 TFLOP, about 40 ms. The two are
  equal at about 170 rows; in 8 bit likewise, where both are half.
- Attention adds 4 x rows x context x heads x width operations per layer: at 2,048 rows and a context
  of 40,000 tokens as much as all the rest (33 TFLOP for 7B). So the longest files are slower.
- So a right draft is written at about 129 / 4 ms = 30,000 tokens/s with K = 128, at 2,049 / 45 ms =
  45,000 with K = 2048; 70B at 129 / 20 ms = 6,500 and 2,049 / 270 ms = 7,500. What is less than that
  is overhead, or a draft that was wrong.
- One row at a time: 300 tokens/s for 7B, 55 for 70B in 8 bit.

Overhead is what the design is against: a pass of 3.3 ms is 28 layers, so every kernel launched one
by one from Python would take as long as the weights. Hence one CUDA graph per number of rows, a
cache of a fixed size that a pass writes one slice of, fused projections, and one synchronisation.
"""
