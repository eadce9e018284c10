import { lowerBound } from "./lower-bound.ts";
import { NODE, workload, type WorkloadName } from "./workloads.ts";
type V=[number,number];
function pack(items: V[], score: (fc:number,fm:number,c:number,m:number)=>number): number {
  const fc:number[]=[],fm:number[]=[];
  for(const [c,m] of items){ let best=-1,bs=-Infinity;
    for(let i=0;i<fc.length;i++){ const a=fc[i]!,b=fm[i]!; if(c>a+1e-9||m>b+1e-9) continue; const s=score(a,b,c,m); if(s>bs+1e-12){bs=s;best=i;} }
    if(best<0){fc.push(1);fm.push(1);best=fc.length-1;}
    fc[best]!-=c; fm[best]!-=m;
  } return fc.length; }
const rules: Record<string,(fc:number,fm:number,c:number,m:number)=>number> = {
  mean: (a,b,c,m)=>-(a-c)-(b-m),
  l2: (a,b,c,m)=>-((a-c)**2+(b-m)**2),
  prod: (a,b,c,m)=>-((a-c)*(b-m)),
  maxmin: (a,b,c,m)=>-Math.min(a-c,b-m),
  minmax: (a,b,c,m)=>-Math.max(a-c,b-m),
  bal05: (a,b,c,m)=>-(a-c)-(b-m)-0.5*Math.abs((a-c)-(b-m)),
  bal1: (a,b,c,m)=>-(a-c)-(b-m)-1*Math.abs((a-c)-(b-m)),
  bal3: (a,b,c,m)=>-(a-c)-(b-m)-3*Math.abs((a-c)-(b-m)),
  cos: (a,b,c,m)=>(a*c+b*m)/Math.hypot(a,b)/Math.hypot(c,m),
  dbal: (a,b,c,m)=>-(a-c)-(b-m)-1*(Math.abs((a-c)-(b-m))-Math.abs(a-b)),
  dbal2: (a,b,c,m)=>-(a-c)-(b-m)-2*(Math.abs((a-c)-(b-m))-Math.abs(a-b)),
  cosmean: (a,b,c,m)=>-(a-c)-(b-m)+0.5*(a*c+b*m)/Math.hypot(a,b)/Math.hypot(c,m),
  ...Object.fromEntries([1,2,4,8,16].map(l=>["lam"+l,(a:number,b:number,c:number,m:number)=>-(a-c)-(b-m)+l*(a*c+b*m)/Math.hypot(a,b)/Math.hypot(c,m)])),
  ...Object.fromEntries([1,2,5,10,20].map(l=>["int"+l,(a:number,b:number,c:number,m:number)=>Math.round((100-((a-c)+(b-m))*50)/l)+0.9*(a*c+b*m)/Math.hypot(a,b)/Math.hypot(c,m)])),
  ...Object.fromEntries([2,4,6,10,20].map(l=>["b"+l,(a:number,b:number,c:number,m:number)=>-(a-c)-(b-m)-l*Math.abs((a-c)-(b-m))])),
  ...Object.fromEntries([4,8,16].map(l=>["d"+l,(a:number,b:number,c:number,m:number)=>-(a-c)-(b-m)-l*(Math.abs((a-c)-(b-m))-Math.abs(a-b))])),
  ...Object.fromEntries([1,3,10].map(l=>["r"+l,(a:number,b:number,c:number,m:number)=>-(a-c)-(b-m)-l*Math.abs((a-c)-(b-m))/(a-c+b-m+1e-3)])),
  sqrt: (a,b,c,m)=>-Math.sqrt(Math.max(0,a-c))-Math.sqrt(Math.max(0,b-m)),
  dl2: (a,b,c,m)=>-(a-c)-(b-m)+ (a*a+b*b-(a-c)**2-(b-m)**2)*0.3,
};
for (const w of ["uniform","bimodal","heavy-tailed"] as WorkloadName[]) for (const seed of [1,2,3,4,5,6]) {
  const s=workload(w,10000,seed); const items=s.map(({cpu,memory}):V=>[cpu/NODE.cpu,memory/NODE.memory]);
  const b=lowerBound(s);
  const sorted=items.toSorted((x,y)=>Math.max(...y)-Math.max(...x));
  console.log(w,seed,b,"big",items.filter(([c,m])=>c>.5||m>.5).length, "offline l2 FFD",(pack(sorted,rules.l2!)/b).toFixed(3), ["mean","cos","bal1","b2","bal3","b4","b6","b10","b20","d4","d8","d16","r1","r3","r10"].map(k=>[k,rules[k]!] as const).map(([k,f])=>k+" "+(pack(items,f)/b).toFixed(3)).join("  "));
}
