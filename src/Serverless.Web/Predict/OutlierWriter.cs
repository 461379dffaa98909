using System.Text.Json;
using Serverless.Scoring;

namespace Serverless.Web.Predict;

/// <summary><c>"outlier":{"flagged":true,"score":0.71,"threshold":0.62,"reasons":["..."]}</c> of a prediction whose version looks for outliers.</summary>
public static class OutlierWriter
{
    public static void Write(Utf8JsonWriter json, in OutlierNote note)
    {
        if (!note.Asked) return;
        json.WriteStartObject("outlier"u8);
        json.WriteBoolean("flagged"u8, note.IsOutlier);
        if (double.IsFinite(note.Score))
        {
            json.WriteNumber("score"u8, note.Score);
            json.WriteNumber("threshold"u8, note.Threshold);
        }

        json.WritePropertyName("reasons"u8);
        json.WriteRawValue(note.Reasons ?? "[]", skipInputValidation: true);
        json.WriteEndObject();
    }
}
