"""The demo's payment provider: the real contract (docs/integrator.md), a page to pay on, and no money.

It is another machine: it keeps its payments in files beside the demo's others, and tells the product by signed calls.
"""
