namespace Serverless.Registry;

/// <summary>What is known of a model's versions. One record that a newer program wrote, or that is damaged, hides none of the others.</summary>
/// <param name="Versions">Those that can be read, oldest first.</param>
/// <param name="Champion">Null: there is none, or it is among <paramref name="Unreadable"/>.</param>
/// <param name="Unreadable">What cannot be read, with the reason.</param>
public sealed record VersionList(IReadOnlyList<ModelVersion> Versions, int? Champion, IReadOnlyList<UnreadableRecord> Unreadable);

/// <param name="Model">Whose it is.</param>
/// <param name="Version">Its number; null when it is another record of the model (an alias).</param>
/// <param name="Problem">Which record, what is wrong with it, and what to do.</param>
public sealed record UnreadableRecord(string Model, int? Version, string Problem);
