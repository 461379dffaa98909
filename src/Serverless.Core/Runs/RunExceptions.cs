using Serverless.Problems;

namespace Serverless.Runs;

/// <summary>A definition asked for a move that its table does not have, or a run that has ended was asked to move.</summary>
public sealed class InvalidTransitionException(string id, string from, string to, string why)
    : ServerlessException($"run '{id}' cannot go from state '{from}' to '{to}': {why}.")
{
    public string Id { get; } = id;

    public string From { get; } = from;

    public string To { get; } = to;
}

/// <summary>A run of a kind, in a state or of a schema that this process does not know: most likely another version wrote it.</summary>
public sealed class UnknownRunException(string id, string message) : ServerlessException(message)
{
    public string Id { get; } = id;
}

/// <summary>A step failed in a way that a later attempt may mend; for hosts that redeliver messages when a call throws.</summary>
public sealed class RunStepException(string id, string message, Exception? inner = null) : ServerlessException(message, inner)
{
    public string Id { get; } = id;
}
