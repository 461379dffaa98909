using System.Text;
using Serverless.Scoring;

namespace Serverless.Web.Predict;

/// <summary>Which version answered, for protocols whose answers name one version for a whole request.</summary>
internal static class AnsweredBy
{
    /// <summary>The version that answered every row; null = versions of several segments did.</summary>
    public static ServedModel? One(PredictAnswer answer)
    {
        var (served, request) = (answer.Served, answer.Request);
        if (served.Segments is null) return served;
        var first = request.By(0, served);
        for (var row = 1; row < request.Count; row++)
        {
            var by = request.By(row, served);
            if (by.Version != first.Version || by.Segment != first.Segment) return null;
        }

        return first;
    }

    /// <summary>One item for each row, between commas: for fields that may hold a text and nothing else.</summary>
    public static string List(PredictAnswer answer, Func<ServedModel, string?> item)
    {
        var list = new StringBuilder();
        for (var row = 0; row < answer.Request.Count; row++) (row == 0 ? list : list.Append(',')).Append(item(answer.Request.By(row, answer.Served)));
        return list.ToString();
    }
}
