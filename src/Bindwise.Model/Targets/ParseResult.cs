namespace Bindwise.Diagnostics;

/// <summary>A parse that either gave a value or says what is wrong, where, and what would be right.</summary>
/// <param name="Value">The value; default when <paramref name="Error"/> is set.</param>
/// <param name="Error">One line: what is wrong and what next; null on success.</param>
/// <param name="Column">The column of the fault, from 1; 0 when it is the whole text.</param>
internal readonly record struct ParseResult<T>(T? Value, string? Error = null, int Column = 0)
    where T : class
{
    public bool IsSuccess => Error is null;

    /// <summary>The same fault, or another view of the value.</summary>
    internal ParseResult<TOther> Select<TOther>(Func<T, TOther> selector)
        where TOther : class => IsSuccess ? new(selector(Value!)) : new(null, Error, Column);
}
