using System.Text.Json;
using Bindwise.Dashboard.Answers;
using Bindwise.Dashboard.Serving;
using Bindwise.Dashboard.Watching;
using Bindwise.Rendering.Json;

namespace Bindwise.Dashboard.Endpoints;

/// <summary><c>/api/v1/states</c>: the sockets by state, now.</summary>
internal static class StatesEndpoint
{
    private const string Counts =
        """
        {"type":"array","items":{"type":"object","required":["state","count"],
        "properties":{"state":{"type":"string"},"count":{"type":"integer"}}}}
        """;

    public static ApiRoute Route { get; } = new("GET", "/api/v1/states",
        "The TCP and UDP sockets by state, IPv4 and IPv6 together.", AnswerAsync)
    {
        Answer = AnswerSchemas.Object("\"takenAt\":" + AnswerSchemas.Time, "\"tcp\":" + Counts, "\"udp\":" + Counts, AnswerSchemas.Remarks),
        Problems = [503],
    };

    private static async Task AnswerAsync(HttpContext context, DashboardServices services)
    {
        var census = await services.Host.LatestAsync(context.RequestAborted);
        await JsonAnswer.WriteObjectAsync(context, writer =>
        {
            writer.WriteText("takenAt", JsonMoment.Of(census.TakenAt));
            Write(writer, "tcp", Protocol.Tcp, census.States);
            Write(writer, "udp", Protocol.Udp, census.UdpStates);
            DocumentList.WriteRemarks(writer, services.Host.Limits.Select(DocumentList.Note));
        });
    }

    private static void Write(Utf8JsonWriter writer, string name, Protocol protocol, ImmutableArray<StateCount> states) =>
        writer.WriteList(name, states, one =>
        {
            writer.WriteText("state", TcpStateNames.Of(one.State, protocol));
            writer.WriteNumber("count", one.Count);
        });
}

/// <summary><c>/api/v1/pressure</c>: TIME_WAIT and the ephemeral ports over the last hour.</summary>
internal static class PressureEndpoint
{
    private const string Samples =
        """
        {"type":"array","items":{"type":"object","required":["time","timeWait","destinations"],"properties":{
        "time":{"type":"string","format":"date-time"},"timeWait":{"type":"integer"},"destinations":{"type":"array","items":{
        "type":"object","required":["destination","used","timeWait"],"properties":{
        "destination":{"type":"string"},"used":{"type":"integer"},"timeWait":{"type":"integer"}}}}}}}
        """;

    private const string TimeWaits =
        """
        {"type":"array","items":{"type":"object","required":["port","count","secondsLeft"],
        "properties":{"port":{"type":"integer"},"count":{"type":"integer"},"secondsLeft":{"type":"number"}}}}
        """;

    public static ApiRoute Route { get; } = new("GET", "/api/v1/pressure",
        "TIME_WAIT and the ephemeral ports per destination: a sample each five seconds of the last hour, and one of now.", AnswerAsync)
    {
        Parameters = [new("since", "Only samples after this time: that of a sample, or as history takes it.")],
        Answer = AnswerSchemas.Object("\"ephemeralPorts\":{\"type\":\"integer\"}", "\"samples\":" + Samples, "\"timeWait\":" + TimeWaits,
            AnswerSchemas.Remarks),
        Problems = [400, 503],
    };

    private static async Task AnswerAsync(HttpContext context, DashboardServices services)
    {
        var since = QueryValues.Moment(context.Request, "since", DateTimeOffset.Now) ?? DateTimeOffset.MinValue;
        var census = await services.Host.LatestAsync(context.RequestAborted);
        await JsonAnswer.WriteObjectAsync(context, writer =>
        {
            writer.WriteNumber("ephemeralPorts", census.EphemeralPorts);
            writer.WriteList("samples", services.Host.Pressure.Since(since), sample => Write(writer, sample));
            writer.WriteList("timeWait", census.TimeWaits, one =>
            {
                writer.WriteNumber("port", one.Port);
                writer.WriteNumber("count", one.Count);
                writer.WriteNumber("secondsLeft", one.MillisecondsLeft / 1000.0);
            });
            DocumentList.WriteRemarks(writer, services.Host.Limits.Select(DocumentList.Note));
        });
    }

    private static void Write(Utf8JsonWriter writer, PressureSample sample)
    {
        writer.WriteText("time", JsonMoment.Of(sample.Time));
        writer.WriteNumber("timeWait", sample.TimeWaits);
        writer.WriteList("destinations", sample.Destinations, one =>
        {
            writer.WriteText("destination", one.Remote.ToString());
            writer.WriteNumber("used", one.Ports);
            writer.WriteNumber("timeWait", one.TimeWait);
        });
    }
}
