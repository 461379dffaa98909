using Serverless.Problems;

namespace Serverless.Registry;

/// <summary>Signs versions that have no signature: those registered before there were any, or after the keys changed.</summary>
internal sealed class VersionSigning(IModelRegistry registry, VersionFiles files, AliasMoves aliases, TimeProvider time) : IVersionSigning
{
    public async Task<bool> SignAsync(string model, int version, string by, string comment, bool replace, CancellationToken cancel = default)
    {
        var found = await registry.FindAsync(model, version, cancel) ?? throw new RequestException($"model '{model}' has no version {version}");
        var before = await StateAsync(found, cancel);
        if (before is null && !replace) return false;
        if (before is { HasSignature: true } && !replace)
        {
            throw new RequestException($"{before.Why} If you know this version to be good all the same, sign it anew with --replace; the audit keeps who did and why.");
        }

        // What is signed must at least be what was registered: the record says so of model.zip, and the manifest must be readable as this version's.
        await files.RequireRegisteredAsync(found, cancel);
        // The audit first: a signature that nobody is on record for would be worse than a record of one that did not come about.
        await aliases.RecordAsync(new AuditEntry(model, "signed", version, null, by, comment, time.GetUtcNow()), $"signed-{version}", cancel);
        if (replace) await files.UnsignAsync(model, version, cancel);
        await files.SignAsync(model, version, cancel);
        await registry.VerifyAsync(model, version, cancel);
        return true;
    }

    // Null: there is a good one.
    private async Task<State?> StateAsync(ModelVersion version, CancellationToken cancel)
    {
        var has = await files.HasSignatureAsync(version.Model, version.Version, cancel);
        if (!has) return new State(false, "");
        try
        {
            await registry.VerifyAsync(version.Model, version.Version, cancel);
            return null;
        }
        catch (TamperedException e)
        {
            return new State(true, e.Message);
        }
    }

    private sealed record State(bool HasSignature, string Why);
}
