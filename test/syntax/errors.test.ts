import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messages } from './check.ts';

/** Texts with the messages, line and column first, that they get: all of them, and no others. */
const cases: Readonly<Record<string, readonly (readonly [source: string, messages: readonly string[]])[]>> = {
  declarations: [
    ['int x', ["1:5 expected ';' after the declaration, found the end of the file"]],
    ['int x\nint y;', ["1:5 expected ';' after the declaration, found 'int'"]],
    ['int x = ;', ["1:9 expected an expression after '=', found ';'"]],
    ['int x = 1 +;', ["1:12 expected an expression after '+', found ';'"]],
    ['int x y;', ["1:7 expected ';' after the declaration, found 'y'"]],
    [
      'static int f(int a, int b {\n\treturn a;\n}',
      ["1:27 expected ',' or ')' after the parameter, found '{'"],
    ],
    ['static int f(int a,) { }', ["1:20 expected a parameter, found ')'"]],
    ['static f(void) { }', ["1:8 expected a type, found 'f(': a function needs its type before its name"]],
    [
      'f(void)\n{\n\ta = 1;\n}\nint y;',
      [
        "1:1 expected a declaration, found 'f(': a function needs its type before its name, and a macro that declares something must be written out",
      ],
    ],
    [
      'float f;\nlong char c;\nunsigned bool d;\nvoid int e;',
      [
        '1:1 there are no floating-point types: a kernel does not compute with them',
        "2:1 expected one base type, found 'long char'",
        "3:1 expected one base type, found 'unsigned bool'",
        "4:1 expected one base type, found 'void int'",
      ],
    ],
    [
      'int x = all (i : 0..1) a;\nint y = choose();\nint z = (int *) ;\nint w = { 1, 2;\nint v;',
      [
        "1:14 expected the type of the variable, found 'i': write all (int i : …)",
        "2:16 expected what to choose from, as in choose(0..3) or choose(a, b), found ')'",
        "3:17 expected an expression after ')', found ';'",
        "4:15 expected '}' or ',' in the initialiser, found ';'",
      ],
    ],
    [
      'DEFINE_PER_CPU(int, x);\nstatic DEFINE_IDA(x);\nint z;',
      [
        "1:1 expected a declaration, found 'DEFINE_PER_CPU(': a function needs its type before its name, and a macro that declares something must be written out",
        "2:8 expected a type, found 'DEFINE_IDA(': a function needs its type before its name",
      ],
    ],
    [
      'foo bar baz;\n\n}\n)\nint z;\n@ $ `',
      [
        "1:9 expected ';' after the declaration, found 'baz'",
        "3:1 expected a declaration, found '}'",
        "6:1 expected a declaration, found '@'",
      ],
    ],
    [
      'void f(int a, ...) { }\nint g(void), h(void);\nint a[2, 3];\nint b[ = 3;\nint c;',
      [
        '1:15 a function takes a fixed number of arguments; only a macro may end in ...',
        "2:12 expected '{' or ';' after the parameters of the function, found ','",
        "3:8 expected ']' after the array length, found ','",
        "3:10 expected a name after ',', found '3'",
        "4:8 expected an expression after '[', found '='",
      ],
    ],
    ['int a = 1,\nint b;', ["1:10 expected a name after ',', found 'int', which is a word of the language"]],
    [
      'é int x;\nint é;\nint y = 3 é 4;',
      [
        "1:1 expected a declaration, found 'é'",
        "2:5 expected a name after 'int', found 'é'",
        "3:11 expected ';' after the declaration, found 'é'",
      ],
    ],
    ['static int', ["1:10 expected a name after 'int', found the end of the file"]],
    ['static', ['1:6 expected a type, found the end of the file']],
    ['int f(', ["1:6 expected ')' to close the parameters, found the end of the file"]],
    ['int f(int a', ["1:11 expected ',' or ')' after the parameter, found the end of the file"]],
    [
      'int f(int a)',
      ["1:12 expected '{' or ';' after the parameters of the function, found the end of the file"],
    ],
    ['int f(int a)\nint b;', ["1:12 expected '{' or ';' after the parameters of the function, found 'int'"]],
    ['x->y = 1;', ["1:1 expected a declaration, found 'x'"]],
    [
      'if (a) b;',
      ["1:1 expected a declaration, found 'if': statements stand in functions, in init and in threads"],
    ],
    [
      'return 3;',
      ["1:1 expected a declaration, found 'return': statements stand in functions, in init and in threads"],
    ],
    [
      'int a = 0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff;',
      [
        "1:9 the number '0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff' does not fit in 64 bits",
      ],
    ],
    [
      'int x implies;\nvoid f(void) { a implies; implies b; }',
      ["1:7 expected ';' after the declaration, found 'implies'"],
    ],
    [
      'DEFINE_MUTEX(a, b);\nDECLARE_BITMAP(a);\nLIST_HEAD(a)\nstruct s { DECLARE_BITMAP(a, ); int b; };',
      [
        "1:15 expected ')' to close the declaration of a, found ','",
        "2:17 expected ',' and the number of bits, found ')'",
        "3:12 expected ';' after the declaration, found 'struct'",
        "4:30 expected an expression after ',', found ')'",
      ],
    ],
  ],
  'statements and expressions': [
    ['void f(void)\n{\n\ta = 1\n\tb = 2;\n}', ["3:6 expected ';' after the expression, found 'b'"]],
    [
      'void f(void)\n{\n\tfoo(a, b\n\tbar(c);\n}',
      ["3:9 expected ')' or ',' after the argument, found 'bar'"],
    ],
    [
      'void f(void)\n{\n\tfoo(a b);\n\tx = (1 + 2;\n\tif (a b)\n\t\tc;\n}',
      [
        "3:8 expected ')' or ',' after the argument, found 'b'",
        "4:12 expected ')' after the expression, found ';'",
        "5:8 expected ')' to close the head of 'if', found 'b'",
      ],
    ],
    ['void f(void)\n{\n\tfoo(a)\n\tbar(b);\n}', ["3:7 expected ';' after the expression, found 'bar'"]],
    [
      'void f(void)\n{\n\tif (a) {\n\t\tb;\n}\n\nvoid g(void)\n{\n\tc;\n}',
      ["4:4 expected '}' to close the block, found '}' at the left margin"],
    ],
    ['void f(void)\n{\n\tif (a {\n\t\tb;\n\t}\n}', ["3:8 expected ')' to close the head of 'if', found '{'"]],
    [
      'void f(void)\n{\n\tif a\n\t\tb;\n\twhile (c\n\t\td;\n}',
      ["3:5 expected '(' after 'if', found 'a'", "5:9 expected ')' to close the head of 'while', found 'd'"],
    ],
    ['void f(void)\n{\n\tsp->\n\tfoo(a);\n}', ["3:5 expected the name of a member, found 'foo'"]],
    ['void f(void)\n{\n\tsp->\n}', ["3:5 expected the name of a member after '->', found '}'"]],
    ['void f(void)\n{\n\tfoo.\n}', ["3:5 expected the name of a member after '.', found '}'"]],
    [
      'void f(void)\n{\n\tread_l\n\tx = 1;\n\ty = 2;\n}',
      ["3:7 expected ';' after the expression, found 'x'"],
    ],
    ['void f(void)\n{\n\tint\n}', ["3:4 expected a name after 'int', found '}'"]],
    [
      'void f(void)\n{\n\tgoto;\n\tgoto 3;\n\tcase:\n\tcase 1\n\tbreak\n}',
      [
        "3:6 expected the name of a label after 'goto', found ';'",
        "4:7 expected the name of a label after 'goto', found '3'",
        "5:6 expected an expression after 'case', found ':'",
        "6:7 expected ':' after the value of the case, found 'break'",
        "7:6 expected ';' after 'break', found '}'",
      ],
    ],
    [
      'void f(void)\n{\n\tfor (i = 0; i < 3)\n\t\ta;\n\tfor (i = 0)\n\t\tb;\n\tfor i\n\t\tc;\n\tfor (;;\n}',
      [
        "3:19 expected ';' after the condition of 'for', found ')'",
        "5:12 expected ';' after the first part of 'for', found ')'",
        "7:6 expected '(' after 'for', found 'i'",
        "9:8 expected an expression after ';', found '}'",
      ],
    ],
    [
      'void f(void)\n{\n\tdo { a; } while (b)\n\tdo a;\n}',
      [
        "3:20 expected ';' after 'do … while (…)', found 'do'",
        "4:6 expected 'while' after the body of 'do', found '}'",
      ],
    ],
    [
      'void f(void)\n{\n\ta = b);\n\tc]];\n\t} d;\n}',
      [
        "3:7 expected ';' after the expression, found ')'",
        "4:3 expected ';' after the expression, found ']'",
        "5:4 expected a declaration, found 'd'",
      ],
    ],
    [
      'void f(void)\n{\n\telse a;\n\ttypedef int x;\n\tasm volatile("nop");\n}',
      [
        "3:2 expected a statement, found 'else' without an 'if' before it",
        "4:2 expected a statement, found 'typedef': a typedef stands at the top level of the file",
        '5:2 expected a statement, found inline assembly: call a primitive of the library instead',
      ],
    ],
    [
      'void f(void)\n{\n#ifdef A\n\ta;\n#endif\n\tb;\n}',
      [
        "3:1 expected a declaration, found '#ifdef': write when (condition) { … } to choose declarations, or if (option == value) in code",
        "5:1 expected a declaration, found '#endif': write when (condition) { … } to choose declarations, or if (option == value) in code",
      ],
    ],
    [
      'void f(void)\n{\n\tint g(int);\n\tx = { 1 };\n\treturn { 1 };\n\tint y[2] = { 1, 2 ;\n}',
      [
        '3:6 expected a variable, found a function: functions are declared at the top level of the file',
        "4:6 expected an expression, found '{': write the type before the list, as in (struct foo){ … }",
        "5:9 expected an expression, found '{': write the type before the list, as in (struct foo){ … }",
        "6:20 expected '}' or ',' in the initialiser, found ';'",
      ],
    ],
    [
      'void f(void)\n{\n\teither { a; }\n\teither { a; } or b;\n\temit e;\n\temit e(int);\n\tghost\n}',
      [
        "3:14 expected 'or' after the first branch of 'either', found 'either'",
        "4:19 expected '{' to begin a branch of 'either', found 'b'",
        "5:8 expected '(' and the arguments after 'e', found ';'",
        '6:9 expected an expression as the argument of an event, found a type',
        "7:6 expected ';' after the expression, found '}'",
      ],
    ],
    [
      'void f(void)\n{\n\tswitch (a) {\n\tcase 1:\n\tdefault\n\t\tb;\n\t}\n',
      [
        "5:8 expected ':' after 'default', found 'b'",
        "7:2 expected '}' to close the body of f, found the end of the file",
      ],
    ],
    [
      'void f(void)\n{\n\tx = a ? b;\n\ty = a ? : ;\n\tz = ;\n\treturn\n}',
      [
        "3:11 expected ':' of '?', found ';'",
        "4:12 expected an expression after ':', found ';'",
        "5:6 expected an expression after '=', found ';'",
        "6:7 expected ';' after 'return', found '}'",
      ],
    ],
    [
      'void f(void)\n{\n\tint x = sizeof;\n\ty = (struct foo) ;\n\tz = a[;\n\tw = a[1;\n\tv = .a;\n}',
      [
        "3:16 expected an expression, found ';'",
        "4:19 expected an expression after ')', found ';'",
        "5:8 expected an expression after '[', found ';'",
        "6:9 expected ']' after the index, found ';'",
        "7:6 expected an expression after '=', found '.'",
      ],
    ],
    [
      'void f(void)\n{\n\tif (x) {\n\t\ta;\n\twhile (b) {\n\t\tc;\n\t}\n}\n\nint after;',
      ["7:2 expected '}' to close the block, found '}' at the left margin"],
    ],
    ['void f(void) { struct foo }', ["1:27 expected a name or ';' after the struct, found '}'"]],
    ['void f(void) { x = 1; } }', ["1:25 expected a declaration, found '}'"]],
    [
      'void f(void)\n{\n\tlock(&a);\n\tfor_each_thing(x)\n}',
      ["4:18 expected ';' after the expression, found '}'"],
    ],
    [
      'void f(void)\n{\n\tx = 1;;\n\ty == ;\n\tz = (a + b;\n\tw = a b;\n\tv[0 = 1;\n\tg(, a);\n\th(a, );\n}',
      [
        "4:7 expected an expression after '==', found ';'",
        "5:12 expected ')' after the expression, found ';'",
        "6:8 expected ';' after the expression, found 'b'",
        "7:9 expected ']' after the index, found ';'",
        "8:4 expected an expression after '(', found ','",
        "9:7 expected an expression after ',', found ')'",
      ],
    ],
  ],
  types: [
    [
      'struct foo {\n\tint a\n\tint b;\n\tc;\n\t= 3;\n\tint d;\n};',
      [
        "2:6 expected ';' after the field, found 'int'",
        "4:3 expected the name of a field, found ';'",
        "5:2 expected a field, found '='",
      ],
    ],
    [
      'struct foo {\n\tint a;\n\nvoid f(void)\n{\n\ta;\n}',
      ["2:7 expected '}' to close the struct, found 'void'"],
    ],
    ['struct foo {\n\tint a;\n}\n\nint x;', ["3:1 expected ';' after the struct, found 'int'"]],
    [
      'enum { A B, C = , D };',
      [
        "1:10 expected ',' or '}' after the enumerator, found 'B'",
        "1:17 expected an expression after '=', found ','",
      ],
    ],
    [
      'typedef int;\ntypedef foo a, b;\ntypedef struct { int a; }\nint z;',
      [
        "1:12 expected the new name of the type, found ';'",
        "2:14 expected ';' after the name, found ',': write a typedef for each name",
        "3:25 expected the new name of the type, found 'int', which is a word of the language",
      ],
    ],
    ['struct {', ["1:8 expected '}' to close the struct, found the end of the file"]],
    ['struct s { int a; int', ['1:21 expected the name of a field, found the end of the file']],
    ['struct s *', ['1:10 expected a name after the type, found the end of the file']],
    ['enum { A, B ;\nint a;', ["1:13 expected ',' or '}' after the enumerator, found ';'"]],
  ],
  'items of the language': [
    [
      'option = { a };\noption x { a };\noption x = a, b;\noption y = { 1 };',
      [
        "1:8 expected the name of the option, found '='",
        "2:10 expected '=' after the name of the option, found '{'",
        "3:12 expected '{' before a value of the option, found 'a'",
        "4:14 expected a value of the option, found '1'",
      ],
    ],
    [
      'scenario Nested;\nscenario;\nimport foo;\nimport <a.h>;\nint x;',
      [
        "1:10 expected the title of the scenario in quotes, found 'Nested'",
        "2:9 expected the title of the scenario in quotes, found ';'",
        "3:8 expected the path of a file in quotes, found 'foo'",
        "4:8 expected the path of a file in quotes, found '<'",
      ],
    ],
    [
      'vcpu a[i : 0] { }\nvcpu b[0..1] { }\nvcpu { }\ntask c on cpu 0 { }\ntask d foo { }\nvcpu e\nint z;',
      [
        "1:13 expected '..' between the bounds, found ']'",
        "2:8 expected an index and its range as in [i : 0..1], or a type and a name as in [struct foo *p], found '0'",
        "3:6 expected the name of the vcpu, found '{'",
        "4:15 expected '(' after 'on cpu', found '0'",
        "5:8 expected 'on cpu(…)', 'times', 'daemon', 'no_thread' or '{' after the name of the actor, found 'foo'",
        "6:6 expected 'on cpu(…)', 'times', 'daemon', 'no_thread' or '{' after the name of the actor, found 'int'",
      ],
    ],
    [
      'invariant a b == 1;\ninvariant : a;\ninvariant a unless : b;\ninvariant a\nfinally b: ;\nint z;',
      [
        "1:13 expected ':' and a condition after the name, found 'b'",
        "2:11 expected the name of the invariant, found ':'",
        "3:20 expected an expression, found ':'",
        "4:11 expected ':' and a condition after the name, found 'finally'",
        "5:12 expected an expression after ':', found ';'",
      ],
    ],
    [
      'expect a;\nexpect;\nexpect fails;\nexpect fails a b;\nexpect finds a not b;\nexpect passes whn a;\nint z;',
      [
        "1:8 expected 'fails', 'passes' or 'finds' after 'expect', found 'a'",
        "2:7 expected 'fails', 'passes' or 'finds' after 'expect', found ';'",
        "3:13 expected the name of a check, found ';'",
        "4:16 expected ';' or 'when' after the expectation, found 'b'",
        "5:20 expected 'reachable' after 'not', found 'b'",
        "6:15 expected ';' or 'when' after the expectation, found 'whn'",
      ],
    ],
    [
      'schedule "a" { x until; 3; y z; w until load of; }\nschedule { }\nint z;',
      [
        "1:23 expected a label, 'load of' or 'store of', found ';'",
        "1:25 expected the name of an actor, found '3'",
        "1:31 expected 'steps' after the number, found ';'",
        "1:48 expected an expression, found ';'",
        "2:10 expected the title of the schedule in quotes, found '{'",
      ],
    ],
    [
      'before f { }\nafter f(int a) { }\nafter f(a) returns a;\nat release { }\non e(a)\nint z;',
      [
        "1:10 expected '(' and names for the arguments of the function, found '{'",
        "2:9 expected the name of an argument, without its type, found 'int'",
        "3:21 expected ':' and a condition, or '{', after 'after f', found ';'",
        "4:12 expected '(' and a lock after 'at release', found '{'",
        "5:7 expected ':' and a condition, or '{', after 'on e', found 'int'",
      ],
    ],
    [
      'machine { levels 2; a = ; b = 3 c = 4; }\nsetting a;\nsetting a = 1 in 2;\nlock_order ;\ncheck a;\nint z;',
      [
        "1:18 expected '=' after 'levels', found '2'",
        "1:25 expected an expression after '=', found ';'",
        "1:33 expected ';' after the value, found 'c'",
        "2:10 expected '=' and the default value after the name of the setting, found ';'",
        "3:19 expected '..' between the bounds, found ';'",
        "4:12 expected an expression, found ';'",
        "5:8 expected 'error', 'warning' or 'off', found ';'",
      ],
    ],
    [
      'pool struct foo a;\npool struct foo b[2] reused;\nghost x;\nvcpu_state struct a;\nevent e;\nwhen a { }\nwhen (a) { int }\nint z;',
      [
        "1:18 expected '[' and the number of objects after the name of the pool, found ';'",
        "2:22 expected ';' after the pool, found 'reused'",
        "3:8 expected a name after 'x', found ';'",
        "4:20 expected the name of the array, found ';'",
        "5:8 expected '(' before the parameters, found ';'",
        "6:6 expected '(' after 'when', found 'a'",
        "7:16 expected a name after 'int', found '}'",
      ],
    ],
    ['vcpu', ['1:4 expected the name of the vcpu, found the end of the file']],
    [
      'task t',
      [
        "1:6 expected 'on cpu(…)', 'times', 'daemon', 'no_thread' or '{' after the name of the actor, found the end of the file",
      ],
    ],
    [
      'option fix = { none, spinlock ;\nint a;',
      ["1:31 expected ',' or '}' after a value of the option, found ';'"],
    ],
    [
      'init x\ninit { a; \n\nint b;',
      [
        "1:6 expected ';' after the declaration, found 'init'",
        "2:9 expected '}' to close 'init', found 'int'",
      ],
    ],
    [
      'import "a"\nimport "b"\noption c = { d }\nint e;',
      [
        "1:10 expected ';' after the path, found 'import'",
        "2:10 expected ';' after the path, found 'option'",
        "3:16 expected ';' after the option, found 'int'",
      ],
    ],
    ['scenario "open;\nint a;', ["1:10 expected '\"' to close the string, found the end of the line"]],
    [
      'at lease(a) { }\non { }\nafter { }\nbefore\nint a;',
      [
        "2:4 expected the name of an event after 'on', found '{'",
        "3:7 expected the name of a function after 'after', found '{'",
        "4:6 expected the name of a function after 'before', found 'int', which is a word of the language",
      ],
    ],
    [
      'primitive x;\noverride int y = 3;\nprimitive void f;\nint z;',
      [
        "1:12 expected a name after 'x', found ';'",
        "2:16 expected the parameters of the override, found '='",
        "3:17 expected the parameters of the primitive, found ';'",
      ],
    ],
    [
      'invariant a: all (i : 0..1) b;\ninvariant c: all (int i : 0) d;\ninvariant e: any (int i 0..1) f;\nint z;',
      [
        "1:19 expected the type of the variable, found 'i': write all (int i : …)",
        "2:28 expected '..' between the bounds, found ')'",
        "3:23 expected ')' or ',' after the argument, found 'i'",
        "3:31 expected ';' after the condition, found 'f'",
      ],
    ],
    [
      'invariant a: choose(0..);\ninvariant b: x in { };\ninvariant c: x in { a, };\ninvariant d: x in { a;\nint z;',
      [
        "1:24 expected an expression after '..', found ')'",
        "2:21 expected a value in the list of 'in', found '}'",
        "4:22 expected '}' to close the list of 'in', found ';'",
      ],
    ],
  ],
  'macros and preprocessor lines': [
    [
      '#include <linux/kvm_host.h>\n#ifdef CONFIG_X\nint a;\n#else\nint b;\n#endif\n#pragma once\nint c;',
      [
        '1:1 expected an import, found \'#include\': write import "path"; to use another file',
        "2:1 expected a declaration, found '#ifdef': write when (condition) { … } to choose declarations, or if (option == value) in code",
        "4:1 expected a declaration, found '#else': write when (condition) { … } to choose declarations, or if (option == value) in code",
        "6:1 expected a declaration, found '#endif': write when (condition) { … } to choose declarations, or if (option == value) in code",
        "7:1 expected a declaration, found '#pragma': only #define is understood",
      ],
    ],
    [
      '#define A(x) #x\n#define B(x, y) x##y\n#define C(x) f(x, "a" #x)\nint z;',
      [
        "1:14 '#' joins or quotes text, but a macro here works on expressions: write the name or the string out",
        "2:18 '##' joins or quotes text, but a macro here works on expressions: write the name or the string out",
        "3:23 '#' joins or quotes text, but a macro here works on expressions: write the name or the string out",
      ],
    ],
    [
      '#define\n#define 3\n#define A(\n#define B(x\n#define C (1\n#define D 1 2\n#define E(args...) f(args)\nint z;',
      [
        '1:7 expected the name of the macro, found the end of the line',
        "2:9 expected the name of the macro, found '3'",
        "3:10 expected ')' after the parameters of the macro, found the end of the line",
        "4:11 expected ')' after the parameters of the macro, found the end of the line",
        "5:12 expected ')' after the expression, found the end of the line",
        "6:13 expected the end of the macro D, found '2'",
        "7:15 expected ',' or ')', found '...': write , ... and use __VA_ARGS__",
      ],
    ],
    [
      'void f(void)\n{\n\t#define X 1\n\ta;\n}',
      ['3:2 expected a statement, found #define: a macro stands at the top level of the file'],
    ],
    ["#error don't", ["1:1 expected a declaration, found '#error': only #define is understood"]],
    [
      '#ifdef A /* a\n b */\nint x;\n#endif // c',
      [
        "1:1 expected a declaration, found '#ifdef': write when (condition) { … } to choose declarations, or if (option == value) in code",
        "4:1 expected a declaration, found '#endif': write when (condition) { … } to choose declarations, or if (option == value) in code",
      ],
    ],
  ],
  'literals and comments': [
    [
      "int x = 08;\nint y = 1.5;\nint z = 0xg;\nint w = 'ab';\nint v = '';\nint u = 'a;\nchar *s = \"abc;\nint t;",
      [
        "1:9 expected a number, found '08'",
        "2:9 there are no floating-point numbers: '1.5'",
        "3:9 expected a number, found '0xg'",
        "4:9 expected one character between quotes, found 'ab'",
        "5:9 expected one character between quotes, found ''",
        "6:9 expected ''' to close the character, found the end of the line",
        "7:11 expected '\"' to close the string, found the end of the line",
      ],
    ],
    ['/* open', ["1:1 expected '*/' to close the comment, found the end of the file"]],
    ['int x; /* open\nint y;', ["1:8 expected '*/' to close the comment, found the end of the file"]],
    [
      'char *s = "open;\nint x;\nchar c = \'open;\nint y;',
      [
        "1:11 expected '\"' to close the string, found the end of the line",
        "3:10 expected ''' to close the character, found the end of the line",
      ],
    ],
    [
      'int x = a # b;\nint y = a ## b;',
      [
        "1:11 '#' joins or quotes text, but a macro here works on expressions: write the name or the string out",
        "2:11 '##' joins or quotes text, but a macro here works on expressions: write the name or the string out",
      ],
    ],
  ],
};

for (const [name, pairs] of Object.entries(cases))
  test(`messages about ${name}`, () => {
    for (const [source, expected] of pairs) assert.deepEqual(messages(source), expected, source);
  });
