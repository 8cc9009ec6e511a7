using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Bindwise.AspNetCore.Tests;

/// <summary>What a host logs, kept line by line.</summary>
public sealed class LogLines : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _lines = new();

    private readonly ConcurrentQueue<IReadOnlyDictionary<string, object?>> _fields = new();

    public IReadOnlyList<string> All => [.. _lines];

    /// <summary>The fields of what the package logs, event by event.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, object?>> Fields => [.. _fields];

    public ILogger CreateLogger(string categoryName) => new CategoryLog(categoryName, _lines, _fields);

    public void Dispose() => _lines.Clear();

    private sealed class CategoryLog(string category, ConcurrentQueue<string> lines, ConcurrentQueue<IReadOnlyDictionary<string, object?>> fields) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (category == "Bindwise" && state is IEnumerable<KeyValuePair<string, object?>> pairs)
                fields.Enqueue(pairs.ToDictionary());
            lines.Enqueue($"{logLevel} {category}: {formatter(state, exception)}{(exception is null ? "" : "\n" + exception)}");
        }
    }
}
