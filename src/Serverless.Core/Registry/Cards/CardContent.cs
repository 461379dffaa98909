using Serverless.Datasets;
using Serverless.Models;
using Serverless.Profiles;
using Serverless.Training;

namespace Serverless.Registry.Cards;

/// <summary>The facts that a card is made of; null where there are none.</summary>
internal sealed record CardContent
{
    public required ModelVersion Version { get; init; }

    public ModelDefinition? Definition { get; init; }

    public DatasetDefinition? Dataset { get; init; }

    public TrainingResult? Training { get; init; }

    /// <summary>Of the rows that it learned from.</summary>
    public Profile? Profile { get; init; }

    /// <summary>What happened to the version since it was registered; empty in the card that is stored with it.</summary>
    public IReadOnlyList<AuditEntry> Audit { get; init; } = [];

    public bool Champion { get; init; }

    /// <summary>The key that signed, or why its signature is no good.</summary>
    public string? Signature { get; init; }
}
