using System.Text.Json.Nodes;

namespace Serverless.Rollouts;

/// <summary>Where flags are kept: a file, or App Configuration. One implementation serves a workspace; serving polls it, whoever moves a rollout writes it.</summary>
public interface IFlagStore
{
    /// <summary>For people: <c>.serverless/flags.json</c>, <c>https://x.azconfig.io</c>.</summary>
    string Name { get; }

    /// <summary>
    /// All flags. Throws <see cref="Problems.DataException"/> when what is there cannot be read (half written), <see cref="Problems.EnvironmentException"/> when it cannot be reached.
    /// </summary>
    /// <param name="known">The mark of the flags that the caller has.</param>
    /// <returns>Null when they are the same still.</returns>
    Task<FlagSet?> ReadAsync(string? known, CancellationToken cancel = default);

    /// <summary>
    /// Changes one flag by compare-and-swap, again while somebody else changes it meanwhile. <paramref name="change"/> gets what is there (null = none) and returns what shall be (null = none);
    /// the same object = leave it.
    /// </summary>
    Task UpdateAsync(string id, Func<JsonObject?, JsonObject?> change, CancellationToken cancel = default);
}

/// <param name="Mark">Changes whenever a flag does.</param>
public sealed record FlagSet(string Mark, IReadOnlyDictionary<string, JsonObject> Flags);
