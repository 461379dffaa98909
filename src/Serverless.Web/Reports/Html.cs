using System.Text.Encodings.Web;

namespace Serverless.Web.Reports;

/// <summary>Writes a page; text is encoded.</summary>
internal sealed class Html(TextWriter to)
{
    public Html Raw(string html)
    {
        to.Write(html);
        return this;
    }

    public Html Text(string text)
    {
        HtmlEncoder.Default.Encode(to, text);
        return this;
    }

    public Html Tag(string level, string text) => Raw($"<span class=\"tag {level}\">").Text(text).Raw("</span>");
}
