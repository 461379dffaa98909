using System.Text;
using System.Text.Encodings.Web;

namespace Serverless.Registry.Cards;

/// <summary>A card as one HTML file that asks no other host for anything and has no script. Light or dark as the reader's system is.</summary>
public static class CardHtml
{
    private const string Style = """
        :root { color-scheme: light dark; --paper: #f7f8fa; --card: #fff; --ink: #1b1f27; --quiet: #566070; --line: #d9dde4; --accent: #2f4fc9; }
        @media (prefers-color-scheme: dark) { :root { --paper: #12151b; --card: #1b2029; --ink: #e8ebf0; --quiet: #a9b3c2; --line: #343c4a; --accent: #9db2ff; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
        main { max-width: 64rem; margin: 0 auto; padding: 1.5rem 1.25rem 3rem; }
        h1 { font-size: 1.7rem; margin: 0; overflow-wrap: anywhere; }
        h2 { font-size: 1.2rem; margin: 2rem 0 .6rem; }
        p { margin: .4rem 0; }
        .lead, footer { color: var(--quiet); }
        section > div { overflow-x: auto; margin: .6rem 0; background: var(--card); border: 1px solid var(--line); border-radius: .6rem; }
        section > div:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
        table { border-collapse: collapse; width: 100%; font-size: .92rem; }
        th, td { text-align: left; padding: .4rem .8rem; border-top: 1px solid var(--line); vertical-align: top; overflow-wrap: break-word; }
        tr:first-child > * { border-top: 0; }
        th { color: var(--quiet); font-weight: 600; }
        .n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        .facts th { width: 14rem; }
        .facts td { overflow-wrap: anywhere; }
        @media (max-width: 36rem) { .facts th, .facts td { display: block; width: auto; padding-block: .25rem; } .facts td { border-top: 0; padding-top: 0; } }
        @media print { body { background: #fff; color: #000; } }
        """;

    public static string Write(ModelCard card)
    {
        var html = new StringBuilder("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        html.Append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
        html.Append(Escape(card.Title)).Append("</title>\n<style>\n").Append(Style).Append("\n</style>\n</head>\n<body>\n<main>\n<h1>").Append(Escape(card.Title)).Append("</h1>\n");
        if (card.Lead is { } lead) html.Append("<p class=\"lead\">").Append(Escape(lead)).Append("</p>\n");
        for (var i = 0; i < card.Sections.Count; i++)
        {
            var section = card.Sections[i];
            html.Append($"<section aria-labelledby=\"s{i}\">\n<h2 id=\"s{i}\">").Append(Escape(section.Heading)).Append("</h2>\n");
            foreach (var block in section.Blocks) Block(html, block, section.Heading);
            html.Append("</section>\n");
        }

        return html.Append("<footer><p>Made from recorded facts by serverless-ml.</p></footer>\n</main>\n</body>\n</html>\n").ToString();
    }

    private static void Block(StringBuilder html, CardBlock block, string label)
    {
        switch (block)
        {
            case CardText paragraph: html.Append("<p>").Append(Escape(paragraph.Text)).Append("</p>\n"); break;
            case CardList list:
                html.Append("<ul>\n");
                foreach (var item in list.Items) html.Append("<li>").Append(Escape(item)).Append("</li>\n");
                html.Append("</ul>\n");
                break;
            case CardFacts facts:
                html.Append("<div><table class=\"facts\"><tbody>\n");
                foreach (var (name, value) in facts.Facts) html.Append("<tr><th scope=\"row\">").Append(Escape(name)).Append("</th><td>").Append(Escape(value)).Append("</td></tr>\n");
                html.Append("</tbody></table></div>\n");
                break;
            case CardTable table:
                // Wide tables scroll within themselves, also by keyboard.
                html.Append("<div tabindex=\"0\" role=\"region\" aria-label=\"").Append(Escape(label)).Append("\"><table><thead><tr>");
                foreach (var heading in table.Headings) html.Append(heading.StartsWith('>') ? "<th class=\"n\" scope=\"col\">" : "<th scope=\"col\">").Append(Escape(heading.TrimStart('>'))).Append("</th>");
                html.Append("</tr></thead><tbody>\n");
                foreach (var row in table.Rows)
                {
                    html.Append("<tr>");
                    for (var i = 0; i < row.Count; i++) html.Append(table.Headings[i].StartsWith('>') ? "<td class=\"n\">" : "<td>").Append(Escape(row[i])).Append("</td>");
                    html.Append("</tr>\n");
                }

                html.Append("</tbody></table></div>\n");
                break;
        }
    }

    private static string Escape(string text) => HtmlEncoder.Default.Encode(text);
}
