import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { format } from '../../core/syntax/format.ts';
import { lex } from '../../core/syntax/lexer.ts';
import { parse } from '../../core/syntax/parser.ts';
import { splitTrivia } from '../../core/syntax/formatPrinter.ts';
import { editedProgram, noise } from './arbitrary.ts';
import { sample } from './sample.ts';

/** Kind and text of every token. */
function tokens(text: string): string[] {
  const table = lex(text);
  return Array.from(
    { length: table.count },
    (_, index) => `${table.kinds[index]} ${text.slice(table.starts[index], table.ends[index])}`,
  );
}

/** The words of all comments. */
function comments(text: string): string[] {
  const table = lex(text);
  return Array.from({ length: table.count }, (_, index) =>
    text.slice(index === 0 ? 0 : table.ends[index - 1], table.starts[index]),
  )
    .flatMap((trivia) => splitTrivia(trivia).comments)
    .map((comment) =>
      comment.text
        .replaceAll(/\s+/g, ' ')
        .replaceAll(/(?: \*)+ ?/g, ' ')
        .trim(),
    );
}

function check(text: string, expected: string): void {
  assert.equal(format(text), expected);
  assert.equal(format(expected), expected, 'a second time nothing changes');
}

test('the sample is laid out already', () => {
  check(sample, sample);
});

test('a file on one line is laid out', () => {
  check(
    'static int f(struct foo*a,int  b){int x=-b*3;if(a->b[1]&&!x){return (int)x;}else if(x)x++;else{x--;y();}for(;;)g(&x,*a);do{x<<=1;}while(x);switch(x){case 1:case 2:y();break;default:goto out;}out:return sizeof(struct foo)+(x?1:2);}',
    `static int f(struct foo *a, int b)
{
	int x = -b * 3;
	if (a->b[1] && !x) {
		return (int)x;
	} else if (x)
		x++;
	else {
		x--;
		y();
	}
	for (;;)
		g(&x, *a);
	do {
		x <<= 1;
	} while (x);
	switch (x) {
	case 1:
	case 2:
		y();
		break;
	default: goto out;
	}
out: return sizeof(struct foo) + (x ? 1 : 2);
}
`,
  );
});

test('spaces', () => {
  const cases: readonly (readonly [source: string, expected: string])[] = [
    ['int a=b+ - c;', 'int a = b + -c;'],
    ['int a=b- -c- --d;', 'int a = b - -c - --d;'],
    ['int a=- -b + + +c;', 'int a = - -b + + +c;'],
    ['int a=&  *b++;', 'int a = &*b++;'],
    ['int a=b /*c*/+/*d*/e;', 'int a = b /*c*/ + /*d*/ e;'],
    ['int * a,* * b;', 'int *a, **b;'],
    ['int (*f) (int,char*)=g;', 'int (*f)(int, char *) = g;'],
    ['u64 a=(u64) b|( struct s * )c;', 'u64 a = (u64)b | (struct s *)c;'],
    ['struct s a={.b=1,.c[2]={3}, };', 'struct s a = { .b = 1, .c[2] = { 3 }, };'],
    ['struct s*a=(struct s){ };', 'struct s *a = (struct s){ };'],
    ['int a=sizeof  b+sizeof (int);', 'int a = sizeof b + sizeof(int);'],
    ['int a=b?c:d?:e;', 'int a = b ? c : d ?: e;'],
    ['int a[ 3 ]={1,2};', 'int a[3] = { 1, 2 };'],
    ['int a=choose( 0 .. 3 );', 'int a = choose(0..3);'],
    ['int a=b  in{c,d};', 'int a = b in { c, d };'],
    ['int a=all(int i:0..1)b [i];', 'int a = all (int i : 0..1) b[i];'],
    ['vcpu a[i:0..1]on cpu( i ){}', 'vcpu a[i : 0..1] on cpu(i) {}'],
    ['invariant a unless held (b):c;', 'invariant a unless held(b): c;'],
    ['after f( a )returns( r ):r==1 ;', 'after f(a) returns (r): r == 1;'],
    ['void f(void)__must_hold( a ) ;', 'void f(void) __must_hold(a);'],
    ['extern  int a __guarded_by (b);', 'extern int a __guarded_by(b);'],
    ['#define  f(a,b)   ( ( a )+b )', '#define f(a, b)   ((a) + b)'],
    ['#define a (b)', '#define a (b)'],
    ['#define a(b) b', '#define a(b) b'],
    ['#define\ta\t\t1\t// one', '#define a\t\t1\t// one'],
    ['schedule "a"when b{x[ 1 ]until l ;}', 'schedule "a" when b { x[1] until l; }'],
    ['machine{a=1;b=2 ;}', 'machine { a = 1; b = 2; }'],
    ['option a={b,c};', 'option a = { b, c };'],
    ['struct s{int a:3;int b : 4;};', 'struct s { int a:3; int b : 4; };'],
    ['pool struct s a[2]reuse;;', 'pool struct s a[2] reuse;;'],
    ['typeof( a )b;', 'typeof(a) b;'],
    ['int a = ({1;});', 'int a = ({ 1; });'],
  ];
  for (const [source, expected] of cases) check(source, `${expected}\n`);
});

test('blank lines and line ends', () => {
  check('\n\n\nint a;\n\n\n\nint b;\nint c; int d;\n\n\n', 'int a;\n\nint b;\nint c;\nint d;\n');
  check('void f(void)\n{\n\n\ta;\n\n\n\tb;\n\n}', 'void f(void)\n{\n\ta;\n\n\tb;\n}\n');
  check('int a;   \nint b;', 'int a;\nint b;\n');
  check('int a;\r\n  int b;\r\n', 'int a;\r\nint b;\r\n');
  check('\ufeff  int a;', '\ufeffint a;\n');
  check('', '');
  check('  \n\n', '');
});

test('comments stay where they are', () => {
  check(
    '// a\n\n  // b\nint a; // c\n/* d */ int b; /* e */\n// f',
    '// a\n\n// b\nint a; // c\n/* d */ int b; /* e */\n// f\n',
  );
  check(
    'void f(void)\n{   // a\n// b\n  x; /* c */\n\n      /*\n       * d\n       */\n  if (a) // e\n  y;\n // g\n}\n',
    'void f(void)\n{   // a\n\t// b\n\tx; /* c */\n\n\t/*\n\t * d\n\t */\n\tif (a) // e\n\t\ty;\n\t// g\n}\n',
  );
  check('int a = // one\n1 + // two\n2;', 'int a = // one\n\t1 + // two\n\t2;\n');
});

test('continuation lines', () => {
  check(
    'void f(void)\n{\n  call(a,\n b,\n   c + d);\n x =\n y;\n call(\na,\nb);\nif (a &&\n(b ||\nc))\nd;\nx = a +\nb;\n}\n',
    'void f(void)\n{\n\tcall(a,\n\t     b,\n\t     c + d);\n\tx =\n\t\ty;\n\tcall(\n\t\ta,\n\t\tb);\n\tif (a &&\n\t    (b ||\n\t     c))\n\t\td;\n\tx = a +\n\t    b;\n}\n',
  );
  check(
    'static int\nf(int a,\nint b)\n__must_hold(a)\n{\n}\n',
    'static int\nf(int a,\n  int b)\n\t__must_hold(a)\n{\n}\n',
  );
  check('int a[] = {\n1, 2,\n{\n3,\n},\n};', 'int a[] = {\n\t1, 2,\n\t{\n\t\t3,\n\t},\n};\n');
  check('int a = b ? c\n: d;', 'int a = b ? c\n\t  : d;\n');
});

test('the lines of a macro end in backslashes', () => {
  check('#define f(a) \\\n  g(a); \\\n   h(a)\n', '#define f(a) \\\n\tg(a); \\\n\th(a)\n');
  check('#define f(a)\\\n  g(a);\\\n   h(a)\n', '#define f(a)\t\\\n\tg(a);\t\\\n\th(a)\n');
  check(
    '#define f(a)\t\t\t\\\n\tdo {\t\t\t\\\n\tg(a);\t\t\t\\\n\t} while (0)\n',
    '#define f(a)\t\t\t\\\n\tdo {\t\t\t\\\n\t\tg(a);\t\t\\\n\t} while (0)\n',
  );
});

test('an item with an error stays as it is', () => {
  check('int  a;\nint  b =  ;\nint  c;', 'int a;\nint  b =  ;\nint c;\n');
  check('void f(void) {\n  a( ;\n}\nint  c;', 'void f(void) {\n  a( ;\n}\nint c;\n');
  check('#include  <a.h>\nint  a;\nint  b;', '#include  <a.h>\nint  a;\nint b;\n');
  check('int  a;\n)  ]\nint  b;', 'int a;\n)  ]\nint b;\n');
  check('int  a;\n/* open', 'int a;\n/* open');
});

const arbitraries = { 'an edited program': editedProgram, noise };
for (const [name, arbitrary] of Object.entries(arbitraries))
  test(`${name} keeps its tokens and comments, and is laid out once and for all`, () => {
    fc.assert(
      fc.property(arbitrary, (text) => {
        const once = format(text);
        assert.deepEqual(tokens(once), tokens(text));
        assert.deepEqual(comments(once), comments(text));
        assert.equal(format(once), once);
        assert.equal(parse('a', once).errors.length, parse('a', text).errors.length);
      }),
      { numRuns: 150 },
    );
  });
