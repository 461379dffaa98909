using System.Text;

namespace Serverless.Registry.Cards;

/// <summary>A card as Markdown (CommonMark with tables). Whatever a fact says is shown as it is: nothing of it is markup.</summary>
public static class CardMarkdown
{
    private const string Special = "\\`*_{}[]()#+!|<>~&";

    public static string Write(ModelCard card)
    {
        var text = new StringBuilder("# ").Append(Escape(card.Title)).Append('\n');
        if (card.Lead is { } lead) text.Append('\n').Append(Escape(lead)).Append('\n');
        foreach (var section in card.Sections)
        {
            text.Append("\n## ").Append(Escape(section.Heading)).Append('\n');
            foreach (var block in section.Blocks) Block(text.Append('\n'), block);
        }

        return text.ToString();
    }

    private static void Block(StringBuilder text, CardBlock block)
    {
        switch (block)
        {
            case CardText paragraph: text.Append(Escape(paragraph.Text)).Append('\n'); break;
            case CardList list: foreach (var item in list.Items) text.Append("- ").Append(Escape(item)).Append('\n'); break;
            case CardFacts facts:
                text.Append("| | |\n|---|---|\n");
                foreach (var (name, value) in facts.Facts) text.Append("| ").Append(Escape(name)).Append(" | ").Append(Escape(value)).Append(" |\n");
                break;
            case CardTable table:
                text.Append('|');
                foreach (var heading in table.Headings) text.Append(' ').Append(Escape(heading.TrimStart('>'))).Append(" |");
                text.Append("\n|");
                foreach (var heading in table.Headings) text.Append(heading.StartsWith('>') ? "---:|" : "---|");
                foreach (var row in table.Rows)
                {
                    text.Append("\n|");
                    foreach (var cell in row) text.Append(' ').Append(Escape(cell)).Append(" |");
                }

                text.Append('\n');
                break;
        }
    }

    // A line that begins with a dash, a digit with a dot or the like would be a list: dashes and dots matter only there.
    internal static string Escape(string value)
    {
        var text = new StringBuilder(value.Length + 8);
        foreach (var c in value.Trim())
        {
            if (char.IsControl(c)) text.Append(' ');
            else if (Special.Contains(c, StringComparison.Ordinal)) text.Append('\\').Append(c);
            else text.Append(c);
        }

        if (text.Length > 0 && text[0] is '-' or '=') text.Insert(0, '\\');
        var digits = 0;
        while (digits < text.Length && char.IsAsciiDigit(text[digits])) digits++;
        if (digits > 0 && digits + 1 < text.Length && text[digits] == '.' && text[digits + 1] == ' ') text.Insert(digits, '\\');
        return text.ToString();
    }
}
