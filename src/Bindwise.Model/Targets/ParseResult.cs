namespace Bindwise.Diagnostics;

/// <summary>A parse that either gave a value or says what is wrong, where, and what would be right.</summary>
internal readonly record struct ParseResult<T>
    where T : class
{
    /// <param name="value">The value; default when <paramref name="error"/> is set.</param>
    /// <param name="error">One line: what is wrong and what next; null on success.</param>
    /// <param name="column">The column of the fault, from 1; 0 when it is the whole text.</param>
    public ParseResult(T? value, string? error = null, int column = 0) => (Value, Error, Column) = (value, error, column);

    /// <summary>The value; default when <see cref="Error"/> is set.</summary>
    public T? Value { get; init; }

    /// <summary>One line: what is wrong and what next; null on success.</summary>
    public string? Error { get; init; }

    /// <summary>The column of the fault, from 1; 0 when it is the whole text.</summary>
    public int Column { get; init; }

    public bool IsSuccess => Error is null;

    /// <summary>The same fault, or another view of the value.</summary>
    internal ParseResult<TOther> Select<TOther>(Func<T, TOther> selector)
        where TOther : class => IsSuccess ? new(selector(Value!)) : new(null, Error, Column);
}
