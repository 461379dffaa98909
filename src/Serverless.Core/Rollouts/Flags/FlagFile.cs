using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.Problems;

namespace Serverless.Rollouts;

/// <summary>
/// Flags as JSON: a whole file (<c>{"feature_management":{"feature_flags":[...]}}</c>), or one flag. What a flag of somebody else has beyond rollouts (conditions, filters) is kept
/// as it is when the file is written again.
/// </summary>
public static class FlagFile
{
    public const string Section = "feature_management", List = "feature_flags";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The flags of a file by id, each as JSON. Throws <see cref="DataException"/> when it is no such file: cut off, or of another form.</summary>
    public static IReadOnlyDictionary<string, JsonObject> Parse(ReadOnlySpan<byte> file, string name)
    {
        try
        {
            var flags = new Dictionary<string, JsonObject>(StringComparer.Ordinal);
            if (file.StartsWith("\uFEFF"u8)) file = file[3..];
            if (JsonNode.Parse(file) is not JsonObject root) throw new DataException($"{name} is no JSON object");
            if (root[Section] is not JsonObject section) throw new DataException($"{name} has no section '{Section}'");
            foreach (var node in section[List]?.AsArray() ?? [])
            {
                if (node is not JsonObject flag || (string?)flag["id"] is not { Length: > 0 } id) throw new DataException($"{name} has a flag without an 'id'");
                if (!flags.TryAdd(id, flag)) throw new DataException($"{name} has flag '{id}' twice");
            }

            return flags;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new DataException($"{name} is not valid JSON, perhaps half written: {e.Message}", e);
        }
    }

    public static byte[] Write(IEnumerable<JsonObject> flags) => JsonSerializer.SerializeToUtf8Bytes(
        new JsonObject { [Section] = new JsonObject { [List] = new JsonArray([.. flags.Select(f => f.DeepClone())]) } }, Indented);

    /// <summary>What rollouts use of a flag. Throws <see cref="DataException"/> that names the flag and the field.</summary>
    public static Flag Read(JsonObject json)
    {
        var id = (string?)json["id"] ?? "?";
        try
        {
            var allocation = json["allocation"] as JsonObject;
            return new Flag
            {
                Id = id, Description = (string?)json["description"], Enabled = (bool?)json["enabled"] ?? false,
                Variants = [.. Items(json["variants"]).Select(v => new FlagVariant(Text(v, "name", id), (int?)v["configuration_value"]?["version"], (int?)v["configuration_value"]?["shadow"]))],
                DefaultWhenEnabled = (string?)allocation?["default_when_enabled"], DefaultWhenDisabled = (string?)allocation?["default_when_disabled"], Seed = (string?)allocation?["seed"],
                Users = [.. Items(allocation?["user"]).Select(u => new MemberAllocation(Text(u, "variant", id), Texts(u["users"])))],
                Groups = [.. Items(allocation?["group"]).Select(g => new MemberAllocation(Text(g, "variant", id), Texts(g["groups"])))],
                Percentiles = [.. Items(allocation?["percentile"]).Select(p => new PercentileRange(Text(p, "variant", id), Number(p["from"]), Number(p["to"])))],
                Metadata = (json["telemetry"]?["metadata"] as JsonObject)?.ToDictionary(m => m.Key, m => (string?)m.Value ?? "", StringComparer.Ordinal) ?? [],
            };
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or OverflowException)
        {
            throw new DataException($"flag '{id}' is not of the form of a variant flag: {e.Message}", e);
        }
    }

    public static JsonObject Write(Flag flag)
    {
        var allocation = new JsonObject { ["default_when_enabled"] = flag.DefaultWhenEnabled, ["default_when_disabled"] = flag.DefaultWhenDisabled };
        if (flag.Users.Count > 0) allocation["user"] = new JsonArray([.. flag.Users.Select(u => new JsonObject { ["variant"] = u.Variant, ["users"] = Array(u.Members) })]);
        if (flag.Groups.Count > 0) allocation["group"] = new JsonArray([.. flag.Groups.Select(g => new JsonObject { ["variant"] = g.Variant, ["groups"] = Array(g.Members) })]);
        if (flag.Percentiles.Count > 0) allocation["percentile"] = new JsonArray([.. flag.Percentiles.Select(p => new JsonObject { ["variant"] = p.Variant, ["from"] = p.From, ["to"] = p.To })]);
        if (flag.Seed is not null) allocation["seed"] = flag.Seed;
        return new JsonObject
        {
            ["id"] = flag.Id, ["description"] = flag.Description, ["enabled"] = flag.Enabled,
            ["variants"] = new JsonArray([.. flag.Variants.Select(v => new JsonObject { ["name"] = v.Name, ["configuration_value"] = Value(v) })]),
            ["allocation"] = allocation,
            ["telemetry"] = new JsonObject { ["enabled"] = false, ["metadata"] = new JsonObject(flag.Metadata.Select(m => KeyValuePair.Create(m.Key, (JsonNode?)m.Value))) },
        };
    }

    private static JsonObject Value(FlagVariant variant)
    {
        var value = new JsonObject();
        if (variant.Version is { } version) value["version"] = version;
        if (variant.Shadow is { } shadow) value["shadow"] = shadow;
        return value;
    }

    private static JsonArray Array(IEnumerable<string> texts) => new([.. texts.Select(t => (JsonNode?)t)]);

    private static IEnumerable<JsonObject> Items(JsonNode? list) => (list?.AsArray() ?? []).Select(i => i?.AsObject() ?? throw new InvalidOperationException("an item is null"));

    private static IReadOnlyList<string> Texts(JsonNode? list) => [.. (list?.AsArray() ?? []).Select(i => (string?)i ?? throw new InvalidOperationException("a member is null"))];

    private static string Text(JsonObject of, string key, string flag) => (string?)of[key] ?? throw new DataException($"flag '{flag}': a part of it has no '{key}'");

    // App Configuration's portal writes numbers; its REST API keeps whatever was written.
    private static double Number(JsonNode? node) => node is null ? 0
        : node.GetValueKind() == JsonValueKind.String ? double.Parse((string)node!, NumberStyles.Float, CultureInfo.InvariantCulture) : (double)node;
}
