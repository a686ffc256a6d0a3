"""The payment provider, or an adapter before one: docs/integrator.md. It is told an amount, never what it is for."""
