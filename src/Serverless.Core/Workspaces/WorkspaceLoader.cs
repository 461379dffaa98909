using System.Security.Cryptography;
using System.Text;
using Serverless.Access;
using Serverless.Alerts;
using Serverless.Datasets;
using Serverless.Models;
using Serverless.Problems;
using Serverless.Registry.Signing;
using Serverless.Retention;
using Serverless.Workspaces.Yaml;

namespace Serverless.Workspaces;

/// <summary>Reads the YAML files of a workspace and checks them as a whole.</summary>
public static class WorkspaceLoader
{
    private const long MaxBytes = 1 << 20;

    /// <summary>The folder at or above <paramref name="start"/> that holds serverless.yaml, or null.</summary>
    public static string? Find(string start)
    {
        for (var folder = new DirectoryInfo(Path.GetFullPath(start)); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, WorkspaceFile.FileName))) return folder.FullName;
        }

        return null;
    }

    /// <summary>Reads and accepts a workspace. Throws one <see cref="ConfigurationException"/> with every problem of all files.</summary>
    public static Workspace Load(string folder, IEnumerable<IWorkspaceValidator>? validators = null) => Read(folder).Accept(validators);

    /// <summary>
    /// Reads a workspace without judging it yet, for hosts whose validators come with services that need the workspace. Throws <see cref="ConfigurationException"/>
    /// when there is no workspace in the folder.
    /// </summary>
    public static WorkspaceDraft Read(string folder)
    {
        var root = Path.GetFullPath(folder);
        if (!File.Exists(Path.Combine(root, WorkspaceFile.FileName)))
        {
            var what = Directory.Exists(root) ? $"there is no {WorkspaceFile.FileName} in '{root}'" : $"the folder '{root}' does not exist";
            throw new ConfigurationException([new Problem(what + ". Make a workspace with 'serverless-ml init DIR --sample flights', or name one with '--workspace DIR'.")]);
        }

        var problems = new ProblemLog();
        var files = Files(root);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var maps = new List<(string File, YamlMap Map)>();
        var sources = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in files)
        {
            if (Bytes(root, file, problems) is not { } bytes) continue;
            hash.AppendData(Encoding.UTF8.GetBytes($"{file}\0{bytes.Length}\0"));
            hash.AppendData(bytes);
            if (Text(bytes, file, problems) is not { } text) continue;
            if (file != WorkspaceFile.FileName) sources.Add(file, text);
            if (YamlReader.Read(text, file, problems) is { } map) maps.Add((file, map));
        }

        var top = maps.Find(m => m.File == WorkspaceFile.FileName).Map;
        var (name, storage, keys, alerts, signing, retention, access) = top is not null ? WorkspaceFile.Read(top, root, problems)
            : ("workspace", new StorageSettings { Folder = Path.Combine(root, ".serverless") }, [], AlertSettings.Default, SigningSettings.Default, RetentionSettings.Default, AccessSettings.Default);
        var datasets = Unique(maps, "datasets/", "dataset", m => DatasetFile.Read(m.Map, m.File, root, problems), d => d.Name, problems);
        var models = Unique(maps, "models/", "model", m => ModelFile.Read(m.Map, m.File, problems), m => m.Name, problems);
        Link(files, maps, datasets, models, problems);
        JoinLinks.Resolve(datasets, problems);
        SegmentModels.Expand(models, problems);
        var views = Views(maps, datasets, models, problems);

        var workspace = new Workspace
        {
            Name = name, Root = root, Storage = storage, ApiKeys = keys, Alerts = alerts, Signing = signing, Retention = retention, Access = access, Datasets = datasets, Models = models, Views = views,
            Hash = Convert.ToHexStringLower(hash.GetHashAndReset()), Warnings = problems.Warnings, Sources = sources,
        };
        return new WorkspaceDraft(workspace, problems.Errors);
    }

    /// <summary>The present workspace with the datasets, models and feature views of recorded files in place of its own.</summary>
    /// <exception cref="ConfigurationException">This version cannot read them.</exception>
    internal static Workspace Recorded(Workspace present, IReadOnlyDictionary<string, string> sources, string hash)
    {
        var problems = new ProblemLog();
        var maps = sources.Select(s => (File: s.Key, Map: YamlReader.Read(s.Value, s.Key, problems)!)).Where(m => m.Map is not null).ToList();
        var datasets = Unique(maps, "datasets/", "dataset", m => DatasetFile.Read(m.Map, m.File, present.Root, problems), d => d.Name, problems);
        var models = Unique(maps, "models/", "model", m => ModelFile.Read(m.Map, m.File, problems), m => m.Name, problems);
        Link([.. sources.Keys], maps, datasets, models, problems);
        JoinLinks.Resolve(datasets, problems);
        SegmentModels.Expand(models, problems);
        var views = Views(maps, datasets, models, problems);
        return problems.Errors.Count == 0 ? present with { Datasets = datasets, Models = models, Views = views, Hash = hash, Sources = sources } : throw new ConfigurationException(problems.Errors);
    }

    private static SortedDictionary<string, FeatureViews.ViewDefinition> Views(
        List<(string File, YamlMap Map)> maps, SortedDictionary<string, DatasetDefinition> datasets, SortedDictionary<string, ModelDefinition> models, ProblemLog problems)
    {
        var views = Unique(maps, "features/", "view", m => ViewFile.Read(m.Map, m.File, problems), v => v.Name, problems);
        ViewLinks.Resolve(views, datasets, models, [.. Names(maps, "datasets/", "dataset").Select(d => d.Name.Text)], [.. Names(maps, "features/", "view").Select(v => v.Name.Text)], problems);
        return views;
    }

    private static List<string> Files(string root)
    {
        var files = new List<string> { WorkspaceFile.FileName };
        foreach (var folder in new[] { "datasets", "models", "features" })
        {
            var path = Path.Combine(root, folder);
            if (!Directory.Exists(path)) continue;
            files.AddRange(Directory.EnumerateFiles(path)
                .Where(f => Path.GetExtension(f) is ".yaml" or ".yml" && !Path.GetFileName(f).StartsWith('.'))
                .Select(f => $"{folder}/{Path.GetFileName(f)}"));
        }

        files.Sort(StringComparer.Ordinal);
        return files;
    }

    private static byte[]? Bytes(string root, string file, ProblemLog problems)
    {
        try
        {
            var path = Path.Combine(root, file);
            if (new FileInfo(path).Length <= MaxBytes) return File.ReadAllBytes(path);
            problems.Errors.Add(new Problem("is larger than 1 MB, too large for a workspace file.", file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Errors.Add(new Problem($"cannot be read: {e.Message}", file));
        }

        return null;
    }

    private static string? Text(byte[] bytes, string file, ProblemLog problems)
    {
        var content = bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? bytes.AsSpan(3) : bytes.AsSpan();
        var bad = System.Text.Unicode.Utf8.IsValid(content) ? -1 : FirstInvalid(content);
        if (bad < 0) return Encoding.UTF8.GetString(content);
        problems.Error(file, content[..bad].Count((byte)'\n') + 1, bad - content[..bad].LastIndexOf((byte)'\n'), "is not UTF-8; save the file as UTF-8.");
        return null;
    }

    private static int FirstInvalid(ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        while (Rune.DecodeFromUtf8(bytes[at..], out _, out var used) == System.Buffers.OperationStatus.Done) at += used;
        return at;
    }

    private static SortedDictionary<string, T> Unique<T>(List<(string File, YamlMap Map)> maps, string folder, string key,
        Func<(string File, YamlMap Map), T?> read, Func<T, string> name, ProblemLog problems) where T : class
    {
        var found = new SortedDictionary<string, T>(StringComparer.Ordinal);
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in maps.Where(m => m.File.StartsWith(folder, StringComparison.Ordinal)))
        {
            // The name is compared also when the rest of the file is wrong.
            if (entry.Map.Entries.FirstOrDefault(e => e.Key.Text == key)?.Value is YamlScalar named && !files.TryAdd(named.Text, entry.File))
            {
                problems.Error(entry.File, named, $"{key} '{named.Text}' is defined in {files[named.Text]} already; give each {key} one file.");
            }

            if (read(entry) is { } definition) found.TryAdd(name(definition), definition);
        }

        return found;
    }

    /// <summary>Takes out models whose dataset could not be read, and says so when it does not exist at all.</summary>
    private static void Link(List<string> files, List<(string File, YamlMap Map)> maps, SortedDictionary<string, DatasetDefinition> datasets,
        SortedDictionary<string, ModelDefinition> models, ProblemLog problems)
    {
        var named = Names(maps, "datasets/", "dataset").Where(d => SafeName.Is(d.Name.Text)).ToArray();
        var names = named.Select(d => d.Name.Text).Distinct().ToArray();

        // While a dataset file cannot even say its name, the missing one may be that: one complaint is enough.
        var complete = named.Length == files.Count(f => f.StartsWith("datasets/", StringComparison.Ordinal));
        foreach (var (file, name) in Names(maps, "models/", "dataset").Where(m => complete && SafeName.Is(m.Name.Text) && !names.Contains(m.Name.Text)))
        {
            problems.Error(file, name, $"dataset '{name.Text}' is not in this workspace.{Suggest.Hint(name.Text, names)}");
        }

        foreach (var model in models.Values.Where(m => !datasets.ContainsKey(m.Dataset)).ToArray()) models.Remove(model.Name);
    }

    private static IEnumerable<(string File, YamlScalar Name)> Names(List<(string File, YamlMap Map)> maps, string folder, string key) =>
        from m in maps
        where m.File.StartsWith(folder, StringComparison.Ordinal)
        let value = m.Map.Entries.FirstOrDefault(e => e.Key.Text == key)?.Value as YamlScalar
        where value is { IsNull: false }
        select (m.File, value);
}
