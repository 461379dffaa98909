using System.Globalization;
using System.Text.Json;
using Serverless.Models;

namespace Serverless.Feedback;

/// <summary>What came true, in the terms of a model's task.</summary>
internal static class Actuals
{
    private static readonly JsonElement True = JsonSerializer.SerializeToElement(true), False = JsonSerializer.SerializeToElement(false);

    /// <summary>The value in its one form (a truth, a number, the name of a class); null with the reason when it is none of the task.</summary>
    public static JsonElement? Canonical(TaskKind task, JsonElement value, out string? wrong)
    {
        wrong = null;
        switch (task)
        {
            case TaskKind.Binary:
                if (Truth(value) is { } truth) return truth ? True : False;
                wrong = $"the model answers true or false, so true or false came true, not {Shown(value)}";
                return null;
            case TaskKind.Regression:
                if (Number(value) is { } number) return JsonSerializer.SerializeToElement(number);
                wrong = $"the model answers a number, so a number came true, not {Shown(value)}";
                return null;
            default:
                var name = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.ValueKind == JsonValueKind.Number ? Class(value.GetDouble()) : value.GetRawText();
                if (name.Length is > 0 and <= 500) return JsonSerializer.SerializeToElement(name);
                wrong = "the model answers a class, so the name of a class came true: 1 to 500 characters";
                return null;
        }
    }

    public static bool? Truth(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number when value.GetDouble() is 0 or 1 => value.GetDouble() == 1,
        JsonValueKind.String => value.GetString()!.Trim().ToLowerInvariant() switch { "true" or "1" => true, "false" or "0" => false, _ => null },
        _ => null,
    };

    public static double? Number(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number) ? number
        : value.ValueKind == JsonValueKind.String && double.TryParse(value.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number) ? number : null;

    // As classes of whole numbers are named when they are learned.
    private static string Class(double value) => Features.FeaturePlan.CategoryText(value);

    private static string Shown(JsonElement value) => value.GetRawText() is { Length: > 60 } text ? text[..60] + "…" : value.GetRawText();
}
