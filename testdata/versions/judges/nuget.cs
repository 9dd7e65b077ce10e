// Judges pairs of NuGet versions, one a line, tab between, by NuGet's own library, which nuget.exe (first argument) carries.
using System;
using System.Reflection;

class Judge
{
    static void Main(string[] arguments)
    {
        var type = Assembly.LoadFrom(arguments[0]).GetType("NuGet.Versioning.NuGetVersion", true);
        var parse = type.GetMethod("TryParse", new[] { typeof(string), type.MakeByRefType() });
        string line;
        while ((line = Console.ReadLine()) != null)
        {
            var versions = Array.ConvertAll(line.Split('\t'), text =>
            {
                var holder = new object[] { text, null };
                return (bool)parse.Invoke(null, holder) ? (IComparable)holder[1] : null;
            });
            Console.WriteLine(versions[0] == null || versions[1] == null
                ? "!"
                : "<=>"[Math.Sign(versions[0].CompareTo(versions[1])) + 1].ToString());
        }
    }
}
