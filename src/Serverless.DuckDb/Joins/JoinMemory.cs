namespace Serverless.DuckDb.Joins;

/// <summary>How much memory a join may take before it goes on with files in its scratch folder; without this, as much as any piece of work of the engine.</summary>
/// <param name="Disk">The same for those files; null = as much as the disk has.</param>
internal sealed record JoinMemory(int Megabytes, int? Disk = null);
