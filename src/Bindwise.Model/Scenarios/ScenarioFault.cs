using System.Globalization;

namespace Bindwise.Model.Scenarios;

/// <summary>What is wrong with a scenario that was read, and where.</summary>
/// <param name="What">One line: what is wrong, why, and what would be right. Text of the file stands in it shortened and harmless.</param>
public sealed record ScenarioFault(string What)
{
    /// <summary>The line in the file or stream, from 1.</summary>
    public int Line { get; init; } = 1;

    /// <summary>The column in that line, from 1: characters in a .bind file, bytes in JSON; 0 when no place in it is meant.</summary>
    public int Column { get; init; }

    /// <summary>The index of the step, from 0; null when no step is at fault.</summary>
    public int? Step { get; init; }

    /// <summary>The line as it would be right, or a line of that kind which is; null when <see cref="What"/> says enough.</summary>
    public string? Example { get; init; }

    /// <summary>The fault as one line that names file, line, column and step, as compilers print it.</summary>
    /// <param name="file">The file's name, or <c>-</c>.</param>
    public string At(string file)
    {
        var place = Column > 0 ? string.Create(CultureInfo.InvariantCulture, $"{file}:{Line}:{Column}: ") : string.Create(CultureInfo.InvariantCulture, $"{file}:{Line}: ");
        return place + ToString();
    }

    /// <summary>The fault without file and line: the step, what is wrong, and the example.</summary>
    public override string ToString()
    {
        var step = Step is { } index ? string.Create(CultureInfo.InvariantCulture, $"step {index}: ") : "";
        return step + What + (Example is null ? "" : ", as in: " + Example);
    }
}
