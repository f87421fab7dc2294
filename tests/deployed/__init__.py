"""The declared resources, made in moto, and a log object followed through them."""
