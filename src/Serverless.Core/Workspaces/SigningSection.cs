using Serverless.Registry.Signing;
using Serverless.Workspaces.Yaml;

namespace Serverless.Workspaces;

/// <summary><c>signing:</c> of serverless.yaml: a policy alone, or with the key and those that are trusted.</summary>
internal static class SigningSection
{
    private const string Expected = "'required', 'warn' or a mapping, such as '{ policy: required, key: https://VAULT.vault.azure.net/keys/NAME }'";
    private const string Keys = "a PEM file such as keys/signing.pem, 'env:VARIABLE', or a key of Key Vault such as https://VAULT.vault.azure.net/keys/NAME";
    private const string Trusted = "a list of PEM files with public keys, such as [keys/old.pub.pem]";

    public static SigningSettings Read(Section parent, string root, ProblemLog problems)
    {
        switch (parent.Node("signing"))
        {
            case null: return SigningSettings.Default;
            case YamlScalar word: return new SigningSettings { Policy = parent.Choice<SigningPolicy>("signing", word) ?? SigningPolicy.Required };
            case YamlMap map:
                var s = new Section(map, "signing", parent.File, problems);
                return new SigningSettings { Policy = s.Choice<SigningPolicy>("policy") ?? SigningPolicy.Required, Key = Key(s, root), Trust = Trust(s, root) };
            case { } other:
                parent.Error(other, $"'signing' must be {Expected}.");
                return SigningSettings.Default;
        }
    }

    private static SigningKey? Key(Section s, string root)
    {
        if (s.Scalar("key", Keys) is not { } key) return null;
        // The text is not repeated where it may be the secret itself.
        if (key.Text.Contains("-----", StringComparison.Ordinal) || key.Text.Contains('\n', StringComparison.Ordinal)) s.Error(key, $"'key' says where the key is, never the key itself: {Keys}.");
        else if (SigningKeys.Parse(key.Text, root) is { } found) return found;
        else s.Error(key, $"'key' must be {Keys}, not '{key.Text}'.");
        return null;
    }

    private static IReadOnlyList<string> Trust(Section s, string root)
    {
        if (s.Texts("trust", Trusted) is not { } paths) return [];
        var found = new List<string>();
        foreach (var item in (s.Node("trust") as YamlList)?.Items.OfType<YamlScalar>() ?? [])
        {
            var path = Path.GetFullPath(item.Text, root);
            if (File.Exists(path)) found.Add(path);
            else s.Error(item, $"the trusted key '{item.Text}' does not exist; expected a PEM file with a public key, relative to the workspace.");
        }

        return found;
    }
}
