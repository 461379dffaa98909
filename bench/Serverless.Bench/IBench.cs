namespace Serverless.Bench;

/// <summary>One comparison: us and our peers, measured in the same run on the same machine.</summary>
internal interface IBench
{
    /// <summary>As the command line names it.</summary>
    string Name { get; }

    string Description { get; }

    /// <summary>How often every part is measured, the parts in turn.</summary>
    int Rounds => 5;

    /// <summary>The parts that are measured, each in a process of its own, so that neither warmth nor memory carries over.</summary>
    IReadOnlyDictionary<string, Func<Task<IReadOnlyDictionary<string, double>>>> Parts { get; }

    /// <summary>Fetches or makes what the parts read; not measured.</summary>
    Task PrepareAsync();

    /// <summary>What the medians say, beside the limits.</summary>
    void Report(IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> medians);
}
