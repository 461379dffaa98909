namespace Serverless.Models;

/// <summary>Who lets a version that passed the gate become champion, as the key <c>approval</c> of the model file states it.</summary>
public enum ApprovalKind { Auto, Human }

/// <summary>How a person's approval is asked for.</summary>
public sealed record ApprovalTerms
{
    /// <summary>So long after it was registered a version can be approved no more; null = no end.</summary>
    public TimeSpan? Expires { get; init; }

    /// <summary>So often the team is reminded of a version that waits; null = never.</summary>
    public TimeSpan? Remind { get; init; }

    /// <summary>Whoever asked for the training may not approve what came out of it.</summary>
    public bool SecondPerson { get; init; }
}
