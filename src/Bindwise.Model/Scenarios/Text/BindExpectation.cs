using System.Globalization;
using Bindwise.Model.Scenarios.Words;

namespace Bindwise.Model.Scenarios.Text;

/// <summary>What must happen: <c>RESULT [RULE] [by WHAT] [claimed RESULT]</c>.</summary>
internal static class BindExpectation
{
    private const string Example = "new = tcp 127.0.0.1:8080 -> EADDRINUSE BW004 by old";

    /// <summary>Reads an expectation of the step before it.</summary>
    public static ExpectStep Read(BindCursor cursor)
    {
        var expect = new ExpectStep(Result(cursor, "a result: ok, an errno's name, a state, or an address with a port"));
        if (cursor.Current is { Kind: BindTokenKind.Word } rule && ResultNames.IsRule(rule.Text))
            expect = expect with { Rule = cursor.Take().Text };
        if (cursor.Skip("by"))
            expect = expect with { By = cursor.Name("a socket's name or a state", Example) };
        if (cursor.Skip("claimed"))
            expect = expect with { Claimed = Result(cursor, "the result that the claim names") };
        return expect;
    }

    private static string Result(BindCursor cursor, string what)
    {
        var token = cursor.Text(what, Example);
        cursor.Check(token, ResultNames.Read(token.Text, out var result));
        return result;
    }

    /// <summary>The expectation as it is written, without how many steps it covers.</summary>
    public static string Of(ExpectStep expect)
    {
        var rule = expect.Rule is null ? "" : " " + expect.Rule;
        var by = expect.By is null ? "" : " by " + BindNames.Of(expect.By);
        var claimed = expect.Claimed is null ? "" : " claimed " + expect.Claimed;
        return string.Create(CultureInfo.InvariantCulture, $"{expect.Result}{rule}{by}{claimed}");
    }
}
