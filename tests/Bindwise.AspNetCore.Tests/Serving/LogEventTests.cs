using System.Globalization;
using System.Net.Sockets;
using System.Reflection;
using System.Text.RegularExpressions;
using Bindwise.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Bindwise.AspNetCore.Tests.Serving;

/// <summary>Every log event of the packages, as a provider gets it: a template that is the same whatever the values, and a field for each of its places.</summary>
public sealed partial class LogEventTests
{
    private const string Template = "{OriginalFormat}";

    [Fact]
    public void Events_AreAllLogged_EachWithItsName()
    {
        var ids = typeof(BindLogEvents).GetFields(BindingFlags.Public | BindingFlags.Static).Where(static one => one.FieldType == typeof(int)).Select(static one => new EventId((int)one.GetRawConstantValue()!, one.Name)).ToList();
        var logged = LogAll().Select(static one => one.Id).Distinct().ToList();
        Assert.Equal(ids.Select(static one => $"{one.Id} {one.Name}").Order(StringComparer.Ordinal), logged.Select(static one => $"{one.Id} {one.Name}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Events_HaveTemplates_WhosePlacesAreFields()
    {
        foreach (var (id, text, fields) in LogAll())
        {
            var template = Assert.IsType<string>(fields.LastOrDefault(static one => one.Key == Template).Value);
            Assert.DoesNotMatch("sample|4711", template);
            Assert.All(Place().Matches(template), place => Assert.Contains(fields, one => one.Key == place.Groups[1].Value));
            Assert.Equal(text, Place().Replace(template, place => Convert.ToString(fields.First(one => one.Key == place.Groups[1].Value).Value, CultureInfo.InvariantCulture)!));
            // What has values says them in places.
            Assert.True(fields.Count == 1 || Place().IsMatch(template), $"{id}: {template}");
        }
    }

    private static List<(EventId Id, string Text, IReadOnlyList<KeyValuePair<string, object?>> Fields)> LogAll()
    {
        var log = new Capture();
        foreach (var method in new[] { typeof(StartLog), typeof(HandOverLog) }.SelectMany(static type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.DeclaredOnly)))
        {
            var parameters = method.GetParameters();
            Assert.Equal(typeof(ILogger), parameters[0].ParameterType);
            _ = method.Invoke(null, [log, .. parameters.Skip(1).Select(Sample)]);
        }
        return log.Events;
    }

    private static object? Sample(ParameterInfo parameter) => parameter.ParameterType switch
    {
        { } type when type == typeof(string) => "sample " + parameter.Name,
        { } type when type == typeof(int) => 4711,
        { } type when type == typeof(Diagnosis) => null,
        { } type when type == typeof(CommandLineDetail) => CommandLineDetail.Full,
        { } type when type == typeof(BindException) => Failure(),
        { } type when type == typeof(BindRetryContext) => new BindRetryContext { Failure = Failure(), Delay = TimeSpan.FromSeconds(1), Remaining = TimeSpan.FromSeconds(4711) },
        var other => throw new ArgumentException($"no sample of {other}"),
    };

    private static BindException Failure() => new(SocketError.AddressAlreadyInUse, "sample reason {with} braces", null, null);

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Place();

    private sealed class Capture : ILogger
    {
        public List<(EventId Id, string Text, IReadOnlyList<KeyValuePair<string, object?>> Fields)> Events { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Events.Add((eventId, formatter(state, exception), Assert.IsAssignableFrom<IReadOnlyList<KeyValuePair<string, object?>>>(state)));
    }
}
