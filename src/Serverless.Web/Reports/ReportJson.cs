using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using Serverless.Reports;

namespace Serverless.Web.Reports;

/// <summary>The figures of a report, as its script reads them.</summary>
[JsonSerializable(typeof(ReportDocument))]
[JsonSerializable(typeof(ModelReportFigures))]
internal sealed partial class ReportJson : JsonSerializerContext
{
    public static ReportJson Instance { get; } = new(new JsonSerializerOptions(JsonSerializerDefaults.Web)
    {
        // Still escapes < > & and quotes: no text of a dataset can end the script that the figures stand in.
        Encoder = JavaScriptEncoder.Create(UnicodeRanges.All),
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters =
        {
            new JsonStringEnumConverter<ReportLevel>(JsonNamingPolicy.KebabCaseLower), new JsonStringEnumConverter<ReportPeriodState>(JsonNamingPolicy.KebabCaseLower),
            new JsonStringEnumConverter<Datasets.PartitionGrain>(JsonNamingPolicy.KebabCaseLower), new JsonStringEnumConverter<Datasets.Severity>(JsonNamingPolicy.KebabCaseLower),
        },
    });
}
