using System.Globalization;
using Serverless.Datasets;
using Serverless.Problems;
using Serverless.Secrets;
using Serverless.Workspaces;

namespace Serverless.Alerts;

/// <summary>The channels of serverless.yaml against what their kinds ask for, as part of the workspace's own report. Never repeats a value that may be a secret.</summary>
internal sealed class ChannelValidator(ChannelCatalogue channels) : IWorkspaceValidator
{
    public IEnumerable<Problem> Validate(Workspace workspace) => workspace.Alerts.Channels.Values.Where(c => c.Line > 0).SelectMany(Problems);

    private IEnumerable<Problem> Problems(ChannelDefinition definition)
    {
        Problem At(string message, Parameter? at = null) => new(message, WorkspaceFile.FileName, at?.Line ?? definition.Line, at?.Column ?? definition.Column);

        if (channels.Find(definition.Kind) is not { } channel)
        {
            yield return At($"channel '{definition.Name}': unknown kind '{definition.Kind}'.{Suggest.Hint(definition.Kind, channels.Kinds)}");
            yield break;
        }

        ChannelKey[] keys = [.. channel.Keys, new(ChannelCatalogue.Timeout, ChannelKeyKind.Duration, "a duration up to 60s")];
        foreach (var (name, value) in definition.Parameters)
        {
            if (keys.FirstOrDefault(k => k.Name == name) is not { } key) yield return At($"channel '{definition.Name}': kind '{channel.Kind}' has no key '{name}'.{Suggest.Hint(name, keys.Select(k => k.Name))}", value);
            else if (Wrong(key, value) is { } wrong) yield return At($"channel '{definition.Name}': '{name}' must be {wrong}.", value);
        }

        foreach (var key in channel.Keys.Where(k => k.Required && !definition.Parameters.ContainsKey(k.Name))) yield return At($"channel '{definition.Name}' needs '{key.Name}': {key.Expected}.");
        if (definition.Parameters.ContainsKey("password") != definition.Parameters.ContainsKey("user") && channel.Kind == "email") yield return At($"channel '{definition.Name}' needs both 'user' and 'password', or neither.");
    }

    private static string? Wrong(ChannelKey key, Parameter value)
    {
        var text = value.Text;
        var ok = key.Kind switch
        {
            ChannelKeyKind.Addresses => value.Items.Count > 0 && value.Items.All(IsAddress),
            _ when value.IsList || text.Length == 0 => false,
            ChannelKeyKind.Secret or ChannelKeyKind.SecretUrl => SecretReference.Parse(text) is not null,
            ChannelKeyKind.Url => SecretReference.Parse(text) is not null || (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && Uri.TryCreate(text, UriKind.Absolute, out url) && url.UserInfo.Length == 0),
            ChannelKeyKind.Port => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536,
            ChannelKeyKind.Duration => Durations.TryParse(text, out var span) && span > TimeSpan.Zero && span <= AlertOptions.LongestSend,
            ChannelKeyKind.Choice => key.Choices.Contains(text),
            _ => SecretReference.LooksLike(text) ? SecretReference.Parse(text) is not null : !text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)),
        };
        if (ok) return null;
        return key.Kind switch
        {
            ChannelKeyKind.Secret or ChannelKeyKind.SecretUrl => $"{key.Expected}: a secret is never written into a file",
            ChannelKeyKind.Choice => $"{key.Expected}: {string.Join(", ", key.Choices)}{(Suggest.Closest(text, key.Choices) is { } close ? $". Did you mean '{close}'?" : "")}".TrimEnd('?', '.') + (Suggest.Closest(text, key.Choices) is null ? "" : "?"),
            _ => key.Expected,
        };
    }

    private static bool IsAddress(string text) =>
        text.Length <= 254 && text.IndexOf('@') is > 0 and var at && at == text.LastIndexOf('@') && at < text.Length - 1 && !text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || c is '<' or '>' or ',' or ';');
}
