using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.Text;

namespace Bindwise.Analyzers.Tests;

/// <summary>Code in which <c>{|BWC001:socket|}</c> says what a rule must find, and where; nothing else may be found.</summary>
internal sealed partial record MarkedCode(string Text, IReadOnlyList<(string Id, TextSpan Span)> Marks)
{
    public static MarkedCode Parse(string marked)
    {
        var marks = new List<(string, TextSpan)>();
        var open = new Stack<(string Id, int Start)>();
        var text = new System.Text.StringBuilder();
        var from = 0;
        foreach (Match match in Mark().Matches(marked))
        {
            text.Append(marked, from, match.Index - from);
            from = match.Index + match.Length;
            if (match.Groups["id"].Success)
                open.Push((match.Groups["id"].Value, text.Length));
            else
            {
                var (id, start) = open.Pop();
                marks.Add((id, TextSpan.FromBounds(start, text.Length)));
            }
        }
        text.Append(marked, from, marked.Length - from);
        Assert.Empty(open);
        return new MarkedCode(text.ToString(), marks);
    }

    [GeneratedRegex(@"\{\|(?<id>BWC\d{3}):|\|\}")]
    private static partial Regex Mark();
}
