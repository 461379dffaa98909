namespace Serverless.Models;

/// <summary>What only people can say about a model, as the section <c>card</c> of the model file states it.</summary>
public sealed record CardDefinition
{
    public string? Owner { get; init; }

    public string? Contact { get; init; }

    public string? IntendedUse { get; init; }

    public string? OutOfScope { get; init; }

    public IReadOnlyList<string> Limits { get; init; } = [];

    public string? Licence { get; init; }
}
