using Serverless.Storage;

namespace Serverless.Testing;

/// <summary>Identities that repeat from run to run.</summary>
public sealed class SeededIds(int seed) : IdSource
{
    private readonly Random random = new(seed);

    protected override void Fill(Span<byte> bytes)
    {
        lock (random) random.NextBytes(bytes);
    }
}
