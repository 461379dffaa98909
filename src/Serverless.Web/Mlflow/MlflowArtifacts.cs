using Serverless.Storage;

namespace Serverless.Web.Mlflow;

/// <summary>
/// Where the files are that MLflow's clients see: <c>mlflow-artifacts:/runs/RUN</c> and <c>/models/MODEL/VERSION</c> are our own, to read; <c>/experiments/EXPERIMENT/RUN/artifacts</c> are
/// theirs, kept below <c>runs/mlflow/</c>.
/// </summary>
internal static class MlflowArtifacts
{
    public const string Scheme = "mlflow-artifacts:";

    private const string Foreign = "experiments/";

    /// <summary>The key of an object, or the prefix of a folder.</summary>
    /// <exception cref="MlflowException">Not a path of one of the three kinds.</exception>
    public static string Key(string path, bool write)
    {
        var clean = path.Trim('/');
        if (clean.Split('/') is var parts && (parts.Length < 2 || parts.Any(p => p is "" or "." or ".."))) throw MlflowException.Invalid($"Invalid path: {path}");
        if (clean.StartsWith(Foreign, StringComparison.Ordinal) && parts.Length >= 3) return Checked($"{StoreNames.Containers.Runs}/mlflow/{clean[Foreign.Length..]}", path);
        if (write) throw MlflowException.Denied($"'{path}' belongs to a run or version of this workspace, whose files are not changed through MLflow");
        var ours = parts[0] is "runs" && parts[1] != "mlflow" || parts[0] is "models" && parts.Length >= 3;
        return ours ? Checked(clean, path) : throw MlflowException.Invalid($"Invalid path: {path}");
    }

    /// <summary>Files and folders directly below a path, with their paths relative to <paramref name="root"/>, folders first.</summary>
    public static async Task<IReadOnlyList<MlflowFile>> ListAsync(IObjectStore objects, string root, string? below, CancellationToken cancel)
    {
        var folder = Key(string.IsNullOrEmpty(below) ? root : $"{root.TrimEnd('/')}/{below}", write: false) + "/";
        var relative = string.IsNullOrEmpty(below) ? "" : below.Trim('/') + "/";
        var found = new SortedDictionary<string, MlflowFile>(StringComparer.Ordinal);
        await foreach (var item in objects.ListAsync(folder, cancel: cancel))
        {
            var rest = item.Key[folder.Length..];
            var slash = rest.IndexOf('/', StringComparison.Ordinal);
            var name = slash < 0 ? rest : rest[..slash];
            found[name] = slash < 0 ? new MlflowFile(relative + name, false, item.Size) : new MlflowFile(relative + name, true, null);
        }

        return [.. found.Values.OrderBy(f => !f.IsDir)];
    }

    private static string Checked(string key, string path) => ObjectKey.IsValid(key) ? key : throw MlflowException.Invalid($"Invalid path: {path}");
}

internal sealed record MlflowFile(string Path, bool IsDir, long? FileSize);
