using Serverless.Access;
using Serverless.Alerts;
using Serverless.Datasets;
using Serverless.Models;
using Serverless.Problems;
using Serverless.Registry.Signing;
using Serverless.Retention;

namespace Serverless.Workspaces;

/// <summary>What the YAML files of a folder say, checked as a whole. Immutable; a changed file is a new workspace.</summary>
public sealed record Workspace
{
    public required string Name { get; init; }

    /// <summary>Absolute path of the folder that holds serverless.yaml.</summary>
    public required string Root { get; init; }

    public required StorageSettings Storage { get; init; }

    public required IReadOnlyList<ApiKeySettings> ApiKeys { get; init; }

    /// <summary>Who is told about what.</summary>
    public AlertSettings Alerts { get; init; } = AlertSettings.Default;

    /// <summary>Who may answer for a model version.</summary>
    public SigningSettings Signing { get; init; } = SigningSettings.Default;

    /// <summary>What may be deleted, and when.</summary>
    public RetentionSettings Retention { get; init; } = RetentionSettings.Default;

    /// <summary>Whose tokens may call the API, and how much a caller may ask for.</summary>
    public AccessSettings Access { get; init; } = AccessSettings.Default;

    public required IReadOnlyDictionary<string, DatasetDefinition> Datasets { get; init; }

    public required IReadOnlyDictionary<string, ModelDefinition> Models { get; init; }

    /// <summary>Feature views by name.</summary>
    public IReadOnlyDictionary<string, FeatureViews.ViewDefinition> Views { get; init; } = new Dictionary<string, FeatureViews.ViewDefinition>();

    /// <summary>SHA-256 (lower-case hex) over the names and bytes of the YAML files: which configuration a run used.</summary>
    public required string Hash { get; init; }

    /// <summary>Text of the dataset, model and feature files by path: a run keeps what it was defined by.</summary>
    public IReadOnlyDictionary<string, string> Sources { get; init; } = new Dictionary<string, string>();

    /// <summary>Things that are allowed but will surprise, such as a rollout kind that this version does not carry out.</summary>
    public IReadOnlyList<Problem> Warnings { get; init; } = [];

    public DatasetDefinition Dataset(string name) => Datasets.TryGetValue(name, out var dataset) ? dataset
        : throw new RequestException($"dataset '{name}' is not in this workspace{Suggest.Ending(name, Datasets.Keys)}");

    public FeatureViews.ViewDefinition View(string name) => Views.TryGetValue(name, out var view) ? view
        : throw new RequestException($"feature view '{name}' is not in this workspace{Suggest.Ending(name, Views.Keys)}");

    public ModelDefinition Model(string name) => Models.TryGetValue(name, out var model) ? model
        : throw new RequestException($"model '{name}' is not in this workspace{Suggest.Ending(name, Models.Keys)}");
}

/// <summary>Where the store is: <c>local</c> (a folder, <c>.serverless</c>) or Azure by account name or by the name of an environment variable with a connection string.</summary>
public sealed record StorageSettings
{
    public StorageKind Kind { get; init; } = StorageKind.Local;

    /// <summary>Local: folder of the store, absolute.</summary>
    public string? Folder { get; init; }

    /// <summary>Azure: account name, reached with the machine's identity.</summary>
    public string? Account { get; init; }

    /// <summary>Azure: environment variable that holds a connection string (Azurite, tests).</summary>
    public string? ConnectionVariable { get; init; }

    /// <summary>Azure: name of the App Configuration store that holds flags; null = they are an object of the storage account.</summary>
    public string? AppConfiguration { get; init; }
}

public enum StorageKind { Local, Azure }

/// <summary>A key that may call the API. Only its SHA-256 or a reference to an environment variable is kept, never the key.</summary>
public sealed record ApiKeySettings
{
    public required string Name { get; init; }

    /// <summary>SHA-256 of the key, lower-case hex.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Environment variable that holds the key.</summary>
    public string? Variable { get; init; }

    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>From then on it opens nothing; null = never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}
