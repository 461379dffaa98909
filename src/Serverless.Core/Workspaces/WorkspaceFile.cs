using System.Globalization;
using Serverless.Access;
using Serverless.Alerts;
using Serverless.Registry.Signing;
using Serverless.Retention;
using Serverless.Workspaces.Yaml;

namespace Serverless.Workspaces;

/// <summary><c>serverless.yaml</c>.</summary>
internal static class WorkspaceFile
{
    public const string FileName = "serverless.yaml";

    private static readonly string[] Scopes = ["predict", "operate", "admin"];

    public static (string Name, StorageSettings Storage, IReadOnlyList<ApiKeySettings> Keys, AlertSettings Alerts, SigningSettings Signing, RetentionSettings Retention, AccessSettings Access) Read(YamlMap map, string root, ProblemLog problems)
    {
        var s = new Section(map, FileName, FileName, problems);
        var name = s.Name("name") ?? "workspace";
        s.Text("description");
        var storage = Storage(s, root, problems);
        var keys = s.ListOf("apiKeys", "a list of keys, such as '- { name: ci, env: CI_KEY, scopes: [predict] }'")
            .Select(k => Key(k, s, problems)).OfType<ApiKeySettings>().ToArray();
        foreach (var twice in keys.GroupBy(k => k.Name).Where(g => g.Count() > 1)) s.Error(s.At("apiKeys"), $"two API keys are named '{twice.Key}'.");
        FunctionsSection.Read(s, root, problems);
        return (name, storage, keys, AlertsSection.Read(s, problems), SigningSection.Read(s, root, problems), RetentionSection.Read(s, problems), AccessSection.Read(s, problems));
    }

    private static StorageSettings Storage(Section parent, string root, ProblemLog problems)
    {
        const string Azure = "'{ kind: azure, account: <storage account> }' or '{ kind: azure, connection: <environment variable> }'";
        var local = new StorageSettings { Folder = Path.Combine(root, ".serverless") };
        switch (parent.Node("storage"))
        {
            case null: return local;
            case YamlScalar word:
                if (parent.Choice<StorageKind>("storage", word) == StorageKind.Azure) parent.Error(word, $"'storage: azure' does not say where; write {Azure}.");
                return local;
            case YamlMap map:
                var s = new Section(map, "storage", parent.File, problems);
                string? folder = s.Text("folder"), account = s.Text("account"), connection = s.Text("connection"), flags = s.Text("appConfiguration");
                if (flags is not null && (flags.Length is < 5 or > 50 || !flags.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')))
                {
                    s.Error(s.At("appConfiguration"), $"'{flags}' is not the name of an App Configuration store: 5 to 50 letters, digits and hyphens.");
                }

                var kind = s.Choice<StorageKind>("kind") ?? (account is null && connection is null ? StorageKind.Local : StorageKind.Azure);
                if (kind == StorageKind.Local)
                {
                    foreach (var key in new[] { "account", "connection", "appConfiguration" }.Where(k => s.Node(k) is not null)) s.Error(s.At(key), $"'{key}' is for 'kind: azure'; local storage has 'folder'.");
                    return folder is null ? local : new StorageSettings { Folder = Path.GetFullPath(folder, root) };
                }

                if (folder is not null) s.Error(s.At("folder"), "'folder' is for 'kind: local'.");
                if (account is null == connection is null) s.Error(map, $"azure storage takes exactly one of 'account' and 'connection': {Azure}.");
                if (account is not null && (account.Length is < 3 or > 24 || !account.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c))))
                {
                    s.Error(s.At("account"), $"'{account}' is not the name of a storage account: 3 to 24 lower-case letters and digits.");
                }

                if (connection is not null && !IsVariable(connection))
                {
                    // The value is not repeated: it may be the secret itself.
                    s.Error(s.At("connection"), "'connection' is the name of an environment variable that holds the connection string, never the string itself.");
                }

                return new StorageSettings { Kind = StorageKind.Azure, Account = account, ConnectionVariable = connection, AppConfiguration = flags };
            case { } other:
                parent.Error(other, $"'storage' must be 'local', '{{ folder: ... }}', {Azure}.");
                return local;
        }
    }

    private static ApiKeySettings? Key(YamlNode node, Section parent, ProblemLog problems)
    {
        if (node is not YamlMap map)
        {
            parent.Error(node, "an API key is a mapping, such as '{ name: ci, env: CI_KEY, scopes: [predict] }'.");
            return null;
        }

        var s = new Section(map, "apiKeys", parent.File, problems);
        var name = s.Name("name");
        string? sha = s.Text("sha256"), variable = s.Text("env");
        if (sha is null == variable is null) s.Error(map, "an API key has exactly one of 'sha256' (hash of the key) and 'env' (variable that holds it).");
        if (sha is not null && (sha.Length != 64 || !sha.All(char.IsAsciiHexDigit))) s.Error(s.At("sha256"), "'sha256' must be 64 hex digits: the SHA-256 of the key, never the key itself.");
        if (variable is not null && !IsVariable(variable)) s.Error(s.At("env"), "'env' is the name of an environment variable that holds the key, never the key itself.");
        var scopes = s.Texts("scopes", $"a list of {string.Join(", ", Scopes)}");
        if (scopes is null or { Count: 0 }) s.Error(map, $"an API key needs 'scopes': a list of {string.Join(", ", Scopes)}.");
        foreach (var item in (s.Node("scopes") as YamlList)?.Items.OfType<YamlScalar>().Where(i => !Scopes.Contains(i.Text)) ?? [])
        {
            s.Error(item, $"scope '{item.Text}' does not exist. Allowed: {string.Join(", ", Scopes)}.");
        }

        var expires = Expires(s);
        return name is null || scopes is null ? null : new ApiKeySettings { Name = name, Sha256 = sha?.ToLowerInvariant(), Variable = variable, Scopes = scopes, ExpiresAt = expires };
    }

    private static DateTimeOffset? Expires(Section s)
    {
        if (s.Text("expires") is not { } text) return null;
        string[] forms = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:sszzz"];
        if (DateTimeOffset.TryParseExact(text, forms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var moment)) return moment;
        s.Error(s.At("expires"), $"'expires' must be a day (2027-01-31) or a moment (2027-01-31T14:00:00Z), in UTC, not '{text}'.");
        return null;
    }

    private static bool IsVariable(string text) => text.Length is > 0 and <= 128 && !char.IsAsciiDigit(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
}
