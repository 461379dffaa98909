using Serverless.Problems;

namespace Serverless.Local;

internal static class StoreVersion
{
    /// <summary>Throws <see cref="EnvironmentException"/> when a store was written by another version; nothing in it is touched.</summary>
    public static void Check(string store, int found, int known, string? writtenBy)
    {
        if (found == known) return;
        var by = writtenBy is null ? "" : $" (written by Serverless {writtenBy})";
        throw new EnvironmentException($"{store} has schema version {found}{by}; this Serverless {CodeVersion.Current} knows version {known}. Nothing was changed. "
            + (found > known ? "Use the Serverless that wrote it, or a newer one, or set another folder under storage in serverless.yaml."
                : "Set another folder under storage in serverless.yaml and ingest the drops again, or restore the store from a backup."));
    }
}
