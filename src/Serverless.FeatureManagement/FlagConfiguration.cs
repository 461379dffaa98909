using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using Serverless.Rollouts;

namespace Serverless.FeatureManagement;

/// <summary>
/// The flags of the workspace as configuration, in the shape that Microsoft.FeatureManagement reads (<c>feature_management:feature_flags:0:id</c>). It stands where App Configuration's own provider would,
/// and has the flags from wherever they are kept: a file, an object, App Configuration.
/// </summary>
internal sealed class FlagConfiguration : ConfigurationProvider
{
    private string? mark;

    public void Take(FlagSet flags)
    {
        if (flags.Mark == mark) return;
        var data = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        var at = 0;
        foreach (var flag in flags.Flags.Values) Flatten(flag, $"{FlagFile.Section}:{FlagFile.List}:{at++}", data);
        (Data, mark) = (data, flags.Mark);
        OnReload();
    }

    private static void Flatten(JsonNode? node, string key, Dictionary<string, string?> into)
    {
        switch (node)
        {
            case JsonObject map:
                foreach (var (name, value) in map) Flatten(value, $"{key}:{name}", into);
                break;
            case JsonArray list:
                for (var i = 0; i < list.Count; i++) Flatten(list[i], $"{key}:{i}", into);
                break;
            case JsonValue value:
                into[key] = value.GetValueKind() == JsonValueKind.String ? (string?)value : value.ToJsonString();
                break;
        }
    }
}
