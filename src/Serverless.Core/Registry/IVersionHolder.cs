namespace Serverless.Registry;

/// <summary>Who needs versions of a model to stay, besides the registry's own aliases and ways back.</summary>
internal interface IVersionHolder
{
    /// <exception cref="Problems.EnvironmentException">It cannot be known; then nothing may go.</exception>
    Task<IReadOnlyList<HeldVersion>> HeldAsync(string model, CancellationToken cancel);
}

/// <param name="Reason">As in "it stays because ...": <c>rollout late-r3 has it</c>.</param>
internal sealed record HeldVersion(int Version, string Reason);
