namespace Serverless.Scoring;

/// <summary>What a request of the Open Inference Protocol says beside its rows.</summary>
public sealed class TensorRequest
{
    private readonly List<string> outputs = [];

    /// <summary>As the caller named the request; null when it did not.</summary>
    public string? Id { get; internal set; }

    /// <summary>Names of the outputs that are wanted, in the order asked for; empty = all.</summary>
    public IReadOnlyList<string> Outputs => outputs;

    internal void Reset()
    {
        Id = null;
        outputs.Clear();
    }

    internal bool Want(string output)
    {
        if (outputs.Contains(output)) return false;
        outputs.Add(output);
        return true;
    }
}
